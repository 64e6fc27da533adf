//! How the binary's allocator is set up (`.cargo/config.toml`): what many connections gave back costs no memory when others
//! ask for it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its tools included")]

use std::hint::black_box;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How much a connection reads into: all zeros at first, and most of it never touched.
const BUFFER: usize = (1024 + 8) * 1024;
const CONNECTIONS: usize = 64;

fn buffers(filled_with: u8) -> Vec<Vec<u8>> {
    (0..CONNECTIONS).map(|_| vec![filled_with; BUFFER]).collect()
}

/// The resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn the_buffers_of_connections_that_come_back_take_no_memory_before_they_are_used() {
    let before = resident();
    drop(black_box(buffers(1)));
    let unused = black_box(buffers(0));
    let taken = resident().saturating_sub(before);
    assert!(taken < CONNECTIONS * BUFFER / 4, "{taken} bytes for {} unused buffers", unused.len());
    assert!(unused.iter().all(|buffer| *buffer == [0; BUFFER]), "they are all zeros nevertheless");
}
