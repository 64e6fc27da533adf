//! What follows from an error, for the account and for the work: the error table of Telegram's ways, as a function.
