/// What a task pool keeps behind its lock: slots, what waits for a runner, who waits for a slot.
struct TaskPoolRecord: Sendable {
    /// A producer that waits for a slot.
    struct Producer: Sendable {
        let ticket: UInt64
        let continuation: UnsafeContinuation<SlotGrant, Never>
        /// What it starts runners for; nil for whoever submits one task.
        let series: TaskSeries?
    }

    /// What happened to the wait for a slot.
    enum SlotGrant: Sendable {
        /// The slot is taken, in the name of whoever waited.
        case granted
        case closed
        case cancelled
    }

    /// The answer to a task that asks for a slot.
    enum Admission {
        /// It is in; the continuation of the pool's run, if that sleeps.
        case admitted(UnsafeContinuation<Void, Never>?)
        case full
        case closed
    }

    let limit: Int
    private(set) var isClosed = false
    /// The tasks by slot; what is nil is in `freeSlots`.
    private(set) var slots: [PooledTask?] = []
    private var freeSlots: [Int] = []
    /// Slots that are taken, including those granted to producers that have not submitted yet.
    private(set) var taken = 0
    private var lastNumber: UInt64 = 0
    private var lastTicket: UInt64 = 0
    /// Runners that are about to take a task from `pending`.
    private var starting = 0
    /// Admitted, and not yet with a runner.
    private var pending = Queue<PooledTask>()
    private var producers = Queue<Producer>()
    /// How many of them submit one task.
    private let submitters: WaitCount
    private var sleeper: UnsafeContinuation<Void, Never>?
    private(set) var counts = TaskCounts()
    private var emptied: [Signal] = []
    var waits: [RunningTask: TaskWait] = [:]
    /// Wakes a stall detector: when a reported wait ends, and with `wakesOnWait` when one begins.
    var alarm: Signal?
    var wakesOnWait = false
    /// Waits that were reported and are over.
    var recovered: [WaitingTask] = []
    var children: [ObjectIdentifier: TaskPool] = [:]
    var series: [ObjectIdentifier: TaskSeries] = [:]

    init(limit: Int, submitters: WaitCount) {
        self.limit = limit
        self.submitters = submitters
    }

    // MARK: Submission

    /// Takes a task in; with `hasSlot` its slot was granted before.
    mutating func admit(_ task: PooledTask, hasSlot: Bool) -> Admission {
        guard !isClosed else { return .closed }
        if !hasSlot {
            // Whoever waits came first.
            guard taken < limit, producers.isEmpty else { return .full }
            taken += 1
        }
        lastNumber += 1
        if let slot = freeSlots.popLast() {
            slots[slot] = task
            task.admit(number: lastNumber, slot: slot)
        } else {
            slots.append(task)
            task.admit(number: lastNumber, slot: slots.count - 1)
        }
        pending.append(task)
        return .admitted(starting < pending.count ? sleeper.take() : nil)
    }

    /// Gives a granted slot back.
    mutating func returnSlot() -> (Producer?, [Signal]) {
        let producer = nextProducer()
        if producer == nil { taken -= 1 }
        return (producer, takeEmptied())
    }

    mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    /// A slot at once, the end of the wait at once, or nil: the producer waits.
    mutating func wait(_ producer: Producer, isCancelled: Bool) -> SlotGrant? {
        if isClosed { return .closed }
        if isCancelled || producer.series?.isExhausted == true { return .cancelled }
        guard taken < limit, producers.isEmpty else {
            producers.append(producer)
            if producer.series == nil { submitters.add(1) }
            return nil
        }
        taken += 1
        return .granted
    }

    mutating func giveUp(_ ticket: UInt64) -> Producer? {
        left(producers.remove { $0.ticket == ticket })
    }

    /// The end of the wait of a series that needs no more runners.
    mutating func dismiss(_ series: TaskSeries) -> Producer? {
        producers.remove { $0.series === series }
    }

    private mutating func nextProducer() -> Producer? {
        left(producers.popFirst())
    }

    private func left(_ producer: Producer?) -> Producer? {
        if let producer, producer.series == nil { submitters.add(-1) }
        return producer
    }

    // MARK: Series

    /// The first of as many numbers; nil when the pool is closed.
    mutating func reserve(_ count: Int) -> UInt64? {
        guard !isClosed else { return nil }
        defer { lastNumber += UInt64(count) }
        return lastNumber + 1
    }

    /// Takes free slots for tasks of a series; 0 when others wait, or there are none.
    mutating func take(_ most: Int) -> Int {
        guard !isClosed, producers.isEmpty else { return 0 }
        let count = min(most, limit - taken)
        taken += count
        return count
    }

    /// The pool's run, if that waits for the end of the series.
    mutating func end(_ ended: TaskSeries) -> UnsafeContinuation<Void, Never>? {
        series[ObjectIdentifier(ended)] = nil
        counts += ended.counts
        return isClosed ? sleeper.take() : nil
    }

    // MARK: Running

    /// How many more runners are needed; nil: none, and none will be.
    mutating func startRunners() -> Int? {
        let missing = max(0, pending.count - starting)
        starting += missing
        return missing == 0 && isClosed && series.isEmpty ? nil : missing
    }

    /// The first task of a runner; nil when others took what there was.
    mutating func firstTask() -> PooledTask? {
        starting -= 1
        return pending.popFirst()
    }

    /// Keeps the continuation until a runner is needed, or none will be; false when that is so.
    mutating func sleep(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard pending.count <= starting, !isClosed || !series.isEmpty else { return false }
        precondition(sleeper == nil, "a pool is run once")
        sleeper = continuation
        return true
    }

    /// Frees the slot; who waited for one, and what the runner does next.
    mutating func finish(
        _ task: PooledTask,
        _ final: TaskState,
        runnerGoesOn: Bool
    ) -> (producer: Producer?, next: PooledTask?, emptied: [Signal]) {
        let slot = task.slot
        slots[slot] = nil
        freeSlots.append(slot)
        switch final {
        case .completed: counts.completed += 1
        case .cancelled: counts.cancelled += 1
        case .failed, .created, .running, .blocked: counts.failed += 1
        }
        let producer = nextProducer()
        if producer == nil { taken -= 1 }
        return (producer, runnerGoesOn ? pending.popFirst() : nil, takeEmptied())
    }

    private mutating func takeEmptied() -> [Signal] {
        guard taken == 0, !emptied.isEmpty else { return [] }
        let signals = emptied
        emptied = []
        return signals
    }

    /// True when the pool is empty; else the signal is fired when it is.
    mutating func whenEmpty(_ signal: Signal) -> Bool {
        if taken == 0 { return true }
        emptied.append(signal)
        return false
    }

    mutating func close() -> (sleeper: UnsafeContinuation<Void, Never>?, producers: [Producer]) {
        isClosed = true
        return (sleeper.take(), producers.drain().compactMap { left($0) })
    }
}
