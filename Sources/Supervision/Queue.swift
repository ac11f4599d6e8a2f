/// First in, first out; a ring that grows.
struct Queue<Element: Sendable>: Sendable {
    private var places: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        if count == places.count { grow() }
        // The capacity is a power of two.
        places[(head + count) & (places.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard 0 < count else { return nil }
        let element = places[head].take()
        head = (head + 1) & (places.count - 1)
        count -= 1
        return element
    }

    /// Takes everything out, in order.
    mutating func drain() -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        while let element = popFirst() {
            elements.append(element)
        }
        return elements
    }

    /// Takes the first element that satisfies the condition.
    mutating func remove(where condition: (Element) -> Bool) -> Element? {
        var found: Element?
        for element in drain() {
            if found == nil, condition(element) {
                found = element
            } else {
                append(element)
            }
        }
        return found
    }

    private mutating func grow() {
        let elements = (0..<count).map { places[(head + $0) & (places.count - 1)] }
        places = elements + Array(repeating: nil, count: max(count, 16))
        head = 0
    }
}
