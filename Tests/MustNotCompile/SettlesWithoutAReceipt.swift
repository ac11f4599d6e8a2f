// missing argument for parameter 'with' in call
import Supervision

struct Returned: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Lease: ~Copyable, Sendable {
    consuming func release() -> Returned { Returned() }
}

func start(_ pool: TaskPool) throws {
    _ = try pool.submit("holder") {
        Lease()
    } using: { lease in
        _ = lease.release()
        return Settled(.success(1))
    }
}
