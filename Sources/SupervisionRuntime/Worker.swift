import Glibc
import Synchronization

/// One thread of an executor, with a queue and a timing wheel of its own.
final class Worker: Sendable {
    typealias Sleeper = UnsafeContinuation<Void, any Error>

    struct State: Sendable {
        var jobs = JobQueue()
        var wheel: TimingWheel<Sleeper>
        var isParked = false
        var isStopping = false
    }

    /// How many jobs are taken at a time: others can help with the rest of the queue, and time is looked at after each
    /// batch.
    private static let batch = 64

    let index: Int
    private let state: Mutex<State>
    /// A pipe, on whose end to read an idle worker waits.
    private let bell: (read: Int32, write: Int32)

    init(index: Int) {
        self.index = index
        let tick = UInt64(WheelClock.nanoseconds() / WheelClock.tick)
        state = Mutex(State(wheel: TimingWheel(now: tick)))
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "cannot make a pipe: raise the limit of open files")
        for end in ends {
            // What is started by this process does not get it, and a full pipe rings already.
            precondition(fcntl(end, F_SETFD, FD_CLOEXEC) == 0 && fcntl(end, F_SETFL, O_NONBLOCK) == 0)
        }
        bell = (ends[0], ends[1])
    }

    deinit {
        close(bell.read)
        close(bell.write)
    }

    // MARK: From any thread

    /// Returns how many jobs wait, when the worker is awake.
    func enqueue(_ job: UnownedJob) -> Int {
        let (isParked, count) = state.withLock { state in
            precondition(!state.isStopping, "a job came after the end of its executor's scope")
            state.jobs.append(job)
            let isParked = state.isParked
            state.isParked = false
            return (isParked, state.jobs.count)
        }
        if isParked { ring() }
        return isParked ? 0 : count
    }

    /// Wakes the worker if it is idle; false when it is not.
    func wake() -> Bool {
        let isParked = state.withLock { state in
            let isParked = state.isParked
            state.isParked = false
            return isParked
        }
        if isParked { ring() }
        return isParked
    }

    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.isParked = false
        }
        ring()
    }

    /// Gives half of the waiting jobs away.
    func give(into batch: inout [UnownedJob]) {
        state.withLock { state in
            let half = (state.jobs.count + 1) / 2
            if 0 < half { state.jobs.move(min(half, Self.batch), into: &batch) }
        }
    }

    func insert(_ sleeper: Sleeper, due: UInt64) -> TimingWheel<Sleeper>.Ticket {
        let (ticket, isParked) = state.withLock { state in
            let ticket = state.wheel.insert(sleeper, due: due)
            let isParked = state.isParked
            state.isParked = false
            return (ticket, isParked)
        }
        // It sleeps until a later timer, perhaps.
        if isParked { ring() }
        return ticket
    }

    func remove(_ ticket: TimingWheel<Sleeper>.Ticket) -> Sleeper? {
        state.withLock { $0.wheel.remove(ticket) }
    }

    private func ring() {
        var sign: UInt8 = 1
        _ = write(bell.write, &sign, 1)
    }

    // MARK: On its thread

    /// Runs jobs until it is stopped.
    func run(for executor: WorkerExecutor) {
        let unowned = executor.asUnownedTaskExecutor()
        var batch: [UnownedJob] = []
        var due: [Sleeper] = []
        while true {
            let tick = UInt64(WheelClock.nanoseconds() / WheelClock.tick)
            let isStopping = state.withLock { state in
                if state.wheel.now < tick { state.wheel.advance(to: tick, into: &due) }
                state.jobs.move(Self.batch, into: &batch)
                return state.isStopping
            }
            for sleeper in due {
                sleeper.resume()
            }
            let hasWoken = !due.isEmpty
            due.removeAll(keepingCapacity: true)
            if batch.isEmpty, !hasWoken { executor.help(self, into: &batch) }
            for job in batch {
                job.runSynchronously(on: unowned)
            }
            if batch.isEmpty, !hasWoken {
                if isStopping { return }
                park()
            }
            batch.removeAll(keepingCapacity: true)
        }
    }

    private func park() {
        let next = state.withLock { state -> UInt64?? in
            guard state.jobs.count == 0, !state.isStopping else { return nil }
            state.isParked = true
            return .some(state.wheel.nextStep)
        }
        guard let next else { return }
        var timeout: Int32 = -1
        if let next {
            let remaining = max(0, Int64(next) * WheelClock.tick - WheelClock.nanoseconds())
            timeout = Int32(min((remaining + WheelClock.tick - 1) / WheelClock.tick, Int64(Int32.max)))
        }
        var entry = pollfd(fd: bell.read, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, timeout)
        state.withLock { $0.isParked = false }
        if entry.revents != 0 {
            var signs = [UInt8](repeating: 0, count: 64)
            _ = read(bell.read, &signs, signs.count)
        }
    }
}
