/// The jobs of one worker, first in, first out; allocates nothing once it has grown.
struct JobQueue: Sendable {
    private var places: [UnownedJob] = []
    private var head = 0

    var count: Int { places.count - head }

    mutating func append(_ job: UnownedJob) {
        places.append(job)
    }

    /// Moves the first jobs, at most `limit`, into `batch`.
    mutating func move(_ limit: Int, into batch: inout [UnownedJob]) {
        let end = min(places.count, head + limit)
        batch.append(contentsOf: places[head..<end])
        head = end
        if head == places.count {
            places.removeAll(keepingCapacity: true)
            head = 0
        } else if Self.slack < head, places.count < 2 * head {
            places.removeFirst(head)
            head = 0
        }
    }

    /// Places that are left behind before the others move up: moving is rare, and memory stays bounded.
    private static let slack = 1_024
}
