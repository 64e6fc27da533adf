"""A witness that the simulator's MTProto door speaks MTProto: Telethon, which knows nothing of grammers.

Reads a session string from standard input, connects, finds a channel by its username, reads its newest post and the post's
thread, writes a comment there, and reads the thread again. Tells what it saw in one line of JSON.

usage: telethon_witness.py USERNAME TEXT < SESSION
"""

import asyncio
import json
import sys

from telethon import TelegramClient
from telethon.sessions import StringSession


async def testify(username: str, text: str, session: str) -> dict:
    client = TelegramClient(StringSession(session), api_id=1, api_hash="none is needed on loopback")
    await client.connect()
    try:
        me = await client.get_me()
        channel = await client.get_entity(username)
        (post,) = [message async for message in client.iter_messages(channel, limit=1)]
        before = [message.text async for message in client.iter_messages(channel, reply_to=post.id)]
        sent = await client.send_message(channel, text, comment_to=post.id, parse_mode=None)
        after = [message.raw_text async for message in client.iter_messages(channel, reply_to=post.id)]
        return {
            "me": me.id,
            "channel": channel.id,
            "post": post.id,
            "post_text": post.raw_text,
            "before": before,
            "sent": sent.id,
            "after": after,
        }
    finally:
        await client.disconnect()


if __name__ == "__main__":
    testimony = testify(sys.argv[1], sys.argv[2], sys.stdin.read().strip())
    print(json.dumps(asyncio.run(asyncio.wait_for(testimony, timeout=60))))
