import HTTPTypes
import Hummingbird
import Synchronization

/// A bounded number of places for something that takes long.
final class Places: Sendable {
    /// A place that is taken until nobody refers to it any more.
    final class Place: Sendable {
        private let places: Places

        fileprivate init(_ places: Places) {
            self.places = places
        }

        deinit { places.leave() }
    }

    private let limit: Int
    /// What takes a place, for the refusal.
    private let what: String
    private let taken = Atomic<Int>(0)

    init(_ limit: Int, for what: String) {
        self.limit = limit
        self.what = what
    }

    /// Takes a place.
    ///
    /// - Throws: `RefusedRequest` when all are taken.
    func take() throws -> Place {
        guard taken.add(1, ordering: .relaxed).newValue <= limit else {
            leave()
            let message = "cannot serve more than \(limit) \(what) at a time: try again later"
            throw RefusedRequest(.tooManyRequests, .tooMuch, message)
        }
        return Place(self)
    }

    private func leave() { taken.subtract(1, ordering: .relaxed) }
}
