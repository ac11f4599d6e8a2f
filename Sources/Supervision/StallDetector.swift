import Synchronization

/// Reports what has been silent for too long.
///
/// A *loop* is anything that can be asked to answer: an event loop, a thread with a queue, an actor. It is asked four
/// times within its limit. When it is silent past the limit it is reported as blocked, once, and when it answers
/// after that, as recovered.
///
/// A *task* of a watched pool is reported when it has been `blocked` past the limit: it waits for another task, or for
/// a slot. Running for long is no stall. Tasks that wait for each other in a circle are one report, a possible
/// deadlock, which names them in order.
///
/// ```swift
/// let detector = StallDetector { report in log(report) }
/// let watch = detector.register(name: "event loop 0", limit: .seconds(1)) { answer in
///     eventLoop.execute(answer)
/// }
/// await withDiscardingTaskGroup { group in
///     group.addTask { await detector.run() }
///     await serve()
///     detector.unregister(watch)
///     group.cancelAll()
/// }
/// ```
///
/// Without a registration `run()` does not wake up. It must not run on a loop that it watches: a loop cannot notice
/// its own silence.
public final class StallDetector: Sendable {
    /// Asks a loop to call the closure that it is given, once and from anywhere.
    public typealias Ping = @Sendable (_ answer: @escaping @Sendable () -> Void) -> Void

    private struct Loop {
        var watch: LoopWatch
        let ping: Ping
    }

    private struct WatchedPool {
        let pool: TaskPool
        let limit: Duration
    }

    private struct State {
        var pools: [UInt64: WatchedPool] = [:]
        var loops: [UInt64: Loop] = [:]
        var lastNumber: UInt64 = 0
        /// Found out when a loop answered, to be told by `run()`.
        var reports: [StallReport] = []
        /// Ends the pause of `run()`; a new one for each pause.
        var wake = Signal()
    }

    private let time: TimeSource
    private let report: @Sendable (StallReport) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - clock: Measures the silence, and wakes the detector.
    ///   - report: Called by `run()`, one report at a time.
    public init(
        clock: any Clock<Duration> = ContinuousClock(),
        report: @escaping @Sendable (StallReport) -> Void
    ) {
        time = TimeSource(clock)
        self.report = report
    }

    /// Watches a loop from now on.
    ///
    /// - Parameters:
    ///   - name: Names the loop in reports.
    ///   - limit: How long it may be silent.
    ///   - ping: Asks the loop; called by `run()`, never again before the loop has answered.
    /// - Returns: The way to end the watch.
    public func register(name: String, limit: Duration, ping: @escaping Ping) -> StallRegistration {
        let now = time.elapsed()
        let (number, wake) = state.withLock { state in
            state.lastNumber += 1
            let watch = LoopWatch(name: name, limit: limit, at: now)
            state.loops[state.lastNumber] = Loop(watch: watch, ping: ping)
            return (state.lastNumber, state.wake)
        }
        wake.fire()
        return StallRegistration(number: number)
    }

    /// Watches the waits of a pool's tasks from now on, and of those of the pools inside it.
    ///
    /// ```swift
    /// let detector = StallDetector { report in log(report) }
    /// _ = detector.watch(pool, limit: .seconds(30))
    /// ```
    ///
    /// A wait is seen when the task itself awaits the result of another task, a batch, or a slot; not when one of its
    /// own child tasks does.
    ///
    /// - Parameters:
    ///   - pool: A pool is watched once at a time.
    ///   - limit: How long a task may wait.
    /// - Returns: The way to end the watch.
    public func watch(_ pool: TaskPool, limit: Duration) -> StallRegistration {
        precondition(.zero < limit, "the limit of `\(pool.name)` is not positive")
        let (number, wake) = state.withLock { state in
            state.lastNumber += 1
            state.pools[state.lastNumber] = WatchedPool(pool: pool, limit: limit)
            return (state.lastNumber, state.wake)
        }
        wake.fire()
        return StallRegistration(number: number)
    }

    /// Ends a watch; what is silent from then on is not reported.
    public func unregister(_ registration: StallRegistration) {
        let wake = state.withLock { state in
            state.loops[registration.number] = nil
            state.pools[registration.number] = nil
            return state.wake
        }
        // The pause may have been for this loop.
        wake.fire()
    }

    /// Watches until the current task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let (due, wake) = step()
            await pause(until: due, or: wake)
        }
    }
}

// MARK: Running

extension StallDetector {
    /// Asks and reports what is due; returns when the next step is.
    private func step() -> (due: Duration?, wake: Signal) {
        let now = time.elapsed()
        let wake = Signal()
        var (pings, reports, due, pools) = state.withLock { state in
            state.wake = wake
            var reports = state.reports
            state.reports = []
            var pings: [(ping: Ping, number: UInt64, question: UInt64)] = []
            for number in state.loops.keys.sorted() {
                switch state.loops[number]?.watch.advance(at: now) {
                case .ping(let question):
                    if let ping = state.loops[number]?.ping { pings.append((ping, number, question)) }
                case .report(let report):
                    reports.append(report)
                case nil:
                    break
                }
            }
            let pools = state.pools.sorted { $0.key < $1.key }.map(\.value)
            return (pings, reports, state.loops.values.compactMap(\.watch.due).min(), pools)
        }
        for watched in pools {
            let examination = watched.pool.examine(limit: watched.limit, alarm: wake)
            reports += examination.reports
            if let next = examination.next { due = min(due ?? now + next, now + next) }
        }
        reports.forEach(report)
        for (ping, number, question) in pings {
            ping { self.answer(number, question) }
        }
        return (due, wake)
    }

    private func answer(_ number: UInt64, _ question: UInt64) {
        let now = time.elapsed()
        let wake = state.withLock { state -> Signal? in
            guard let report = state.loops[number]?.watch.answer(to: question, at: now) else { return nil }
            state.reports.append(report)
            return state.wake
        }
        wake?.fire()
    }

    private func pause(until due: Duration?, or wake: Signal) async {
        guard let due else { return await wake.wait() }
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    try await self.time.sleep(due - self.time.elapsed())
                } catch {
                    // Something else came first.
                    return
                }
                wake.fire()
            }
            await wake.wait()
            group.cancelAll()
        }
    }
}
