//! A million tasks on tokio: at most 100,000 at a time, each sleeps 1 ms and returns a value; the values are summed.
//!
//! One line: created, peak memory, total; as JSON with `--json`.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const TASKS: u64 = 1_000_000;
const SLOTS: usize = 100_000;

async fn run(start: Instant) -> (u64, Duration) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    let mut handles = Vec::with_capacity(TASKS as usize);
    for number in 0..TASKS {
        let slot = slots.clone().acquire_owned().await.expect("the semaphore is open");
        handles.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(slot);
            number
        }));
    }
    let created = start.elapsed();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.expect("the task returned");
    }
    (sum, created)
}

/// The peak of the resident memory in KiB, as the kernel counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the kernel counts the peak");
    line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("the peak is a number")
}

fn main() {
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("the runtime starts");
    // Spawned, as the producer of the other programs is a task too.
    let (sum, created) = runtime.block_on(async move { tokio::spawn(run(start)).await.expect("the producer returned") });
    let total = start.elapsed();
    assert_eq!(sum, TASKS * (TASKS - 1) / 2);
    let (created, total, peak) = (created.as_secs_f64(), total.as_secs_f64(), peak());
    if std::env::args().any(|argument| argument == "--json") {
        println!("{{\"name\": \"tokio\", \"created\": {created:.3}, \"peak_kib\": {peak}, \"total\": {total:.3}}}");
    } else {
        println!("tokio: created in {created:.3} s, peak {} MiB, total {total:.3} s", peak / 1024);
    }
}
