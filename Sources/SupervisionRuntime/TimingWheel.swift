/// Timers by the tick in which they are due: six wheels of 64 places, each 64 times coarser than the one before.
///
/// Adding and removing are a few instructions, whatever the number of timers, and allocate nothing once the wheel has
/// grown. Pure: it is told the time.
struct TimingWheel<Element: Sendable>: Sendable {
    /// Names a timer until it is due or removed; never given twice.
    struct Ticket: Hashable, Sendable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32

        /// The ticket as a number, never 0.
        var number: UInt64 { UInt64(generation) << 32 | UInt64(index + 1) }

        init?(number: UInt64) {
            guard number != 0 else { return nil }
            index = Int32(truncatingIfNeeded: number & 0xffff_ffff) - 1
            generation = UInt32(truncatingIfNeeded: number >> 32)
        }

        fileprivate init(index: Int32, generation: UInt32) {
            self.index = index
            self.generation = generation
        }
    }

    private struct Node {
        var element: Element?
        var due: UInt64
        var place: Int32
        var next: Int32
        var previous: Int32
        var generation: UInt32
    }

    private static var bits: UInt64 { 6 }
    private static var levels: Int { 6 }
    private static var none: Int32 { -1 }

    /// The tick up to which everything is taken out.
    private(set) var now: UInt64
    private(set) var count = 0
    private var nodes: [Node] = []
    private var free = Self.none
    /// The first node of each place.
    private var heads: [Int32]
    /// The places that are not empty, for each level.
    private var occupied: [UInt64]

    init(now: UInt64) {
        self.now = now
        heads = Array(repeating: Self.none, count: Self.levels * 64)
        occupied = Array(repeating: 0, count: Self.levels)
    }

    /// Adds a timer; what is due already becomes due in the next tick.
    mutating func insert(_ element: Element, due: UInt64) -> Ticket {
        let index = makeNode()
        nodes[Int(index)].element = element
        nodes[Int(index)].due = max(due, now + 1)
        link(index)
        count += 1
        return Ticket(index: index, generation: nodes[Int(index)].generation)
    }

    /// Removes a timer; nil when it was due or removed before.
    mutating func remove(_ ticket: Ticket) -> Element? {
        let index = Int(ticket.index)
        guard index < nodes.count, nodes[index].generation == ticket.generation else { return nil }
        unlink(ticket.index)
        return release(ticket.index)
    }

    /// Takes out what is due up to `tick`, in the order of ticks.
    mutating func advance(to tick: UInt64, into due: inout [Element]) {
        while now < tick {
            guard let next = nextStep, next <= tick else {
                now = tick
                return
            }
            now = next
            // From the coarsest: its timers go to finer wheels, or are due.
            for level in (0..<Self.levels).reversed() where isTurn(of: level) {
                empty(level, Int(now >> (UInt64(level) * Self.bits)) & 63, into: &due)
            }
        }
    }

    /// The first tick in which something has to be looked at; never after the first timer.
    var nextStep: UInt64? {
        guard 0 < count else { return nil }
        var first: UInt64?
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(level) * Self.bits
            let current = now >> shift
            let position = current & 63
            // The places after the current one come first, then those of the next turn.
            let rotated = rotateRight(occupied[level], by: position + 1)
            let distance = UInt64(rotated.trailingZeroBitCount) + 1
            let tick = (current + distance) << shift
            first = min(first ?? tick, tick)
        }
        return first
    }

    private func rotateRight(_ word: UInt64, by amount: UInt64) -> UInt64 {
        let amount = amount & 63
        return amount == 0 ? word : word >> amount | word << (64 - amount)
    }

    /// A coarser wheel moves when all finer ones are at their beginning.
    private func isTurn(of level: Int) -> Bool {
        now & ((1 << (UInt64(level) * Self.bits)) - 1) == 0
    }
}

// MARK: Places

extension TimingWheel {
    private mutating func empty(_ level: Int, _ position: Int, into due: inout [Element]) {
        let place = level * 64 + position
        var index = heads[place]
        guard index != Self.none else { return }
        heads[place] = Self.none
        occupied[level] &= ~(1 << UInt64(position))
        while index != Self.none {
            let next = nodes[Int(index)].next
            if nodes[Int(index)].due <= now {
                if let element = release(index) { due.append(element) }
            } else {
                link(index)
            }
            index = next
        }
    }

    private mutating func link(_ index: Int32) {
        let due = nodes[Int(index)].due
        // The finest wheel on which the timer is less than a turn away.
        let distance = due ^ now
        let level = min(Self.levels - 1, distance == 0 ? 0 : (63 - distance.leadingZeroBitCount) / Int(Self.bits))
        let farthest = now + (1 << (UInt64(Self.levels) * Self.bits)) - 1
        let position = Int(min(due, farthest) >> (UInt64(level) * Self.bits)) & 63
        let place = level * 64 + position
        let head = heads[place]
        nodes[Int(index)].place = Int32(place)
        nodes[Int(index)].previous = Self.none
        nodes[Int(index)].next = head
        if head != Self.none { nodes[Int(head)].previous = index }
        heads[place] = index
        occupied[level] |= 1 << UInt64(position)
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        if node.previous != Self.none {
            nodes[Int(node.previous)].next = node.next
            return
        }
        heads[Int(node.place)] = node.next
        if node.next == Self.none { occupied[Int(node.place) / 64] &= ~(1 << UInt64(node.place & 63)) }
    }

    private mutating func makeNode() -> Int32 {
        guard free != Self.none else {
            nodes.append(
                Node(element: nil, due: 0, place: 0, next: Self.none, previous: Self.none, generation: 0)
            )
            return Int32(nodes.count - 1)
        }
        let index = free
        free = nodes[Int(index)].next
        return index
    }

    private mutating func release(_ index: Int32) -> Element? {
        count -= 1
        let element = nodes[Int(index)].element.take()
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = free
        free = index
        return element
    }
}
