//! A million tasks on tokio: at most 100,000 at a time, each sleeps 1 ms and returns a value; the values are summed.
//!
//! One line: created, the most that lived at a time, peak memory, total; as JSON with `--json`. A number is how many
//! milliseconds each sleeps instead.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const TASKS: u64 = 1_000_000;
const SLOTS: usize = 100_000;

async fn run(start: Instant, sleep: Duration) -> (u64, Duration, usize) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    let mut handles = Vec::with_capacity(TASKS as usize);
    let mut most = 0;
    for number in 0..TASKS {
        let slot = slots.clone().acquire_owned().await.expect("the semaphore is open");
        most = most.max(SLOTS - slots.available_permits());
        handles.push(tokio::spawn(async move {
            tokio::time::sleep(sleep).await;
            drop(slot);
            number
        }));
    }
    let created = start.elapsed();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.expect("the task returned");
    }
    (sum, created, most)
}

/// The peak of the resident memory in KiB, as the kernel counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the kernel counts the peak");
    line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("the peak is a number")
}

fn main() {
    let milliseconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1);
    let sleep = Duration::from_millis(milliseconds);
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("the runtime starts");
    // Spawned, as the producer of the other programs is a task too.
    let (sum, created, most) =
        runtime.block_on(async move { tokio::spawn(run(start, sleep)).await.expect("the producer returned") });
    let total = start.elapsed();
    assert_eq!(sum, TASKS * (TASKS - 1) / 2);
    let (created, total, peak) = (created.as_secs_f64(), total.as_secs_f64(), peak());
    if std::env::args().any(|argument| argument == "--json") {
        println!("{{\"name\": \"tokio\", \"created\": {created:.3}, \"most\": {most}, \"peak_kib\": {peak}, \"total\": {total:.3}}}");
    } else {
        println!("tokio: created in {created:.3} s, at most {most} at a time, peak {} MiB, total {total:.3} s", peak / 1024);
    }
}
