import Glibc

/// The thread of one worker; keeps its executor until it ends.
final class WorkerThread: Sendable {
    private let executor: WorkerExecutor
    private let worker: Worker

    init(_ executor: WorkerExecutor, _ worker: Worker) {
        self.executor = executor
        self.worker = worker
    }

    func start() {
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, workerThreadMain, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "cannot start a thread (errno \(code)): allow more of them")
        pthread_detach(thread)
    }

    func run() {
        executor.run(worker)
    }
}

private func workerThreadMain(_ thread: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let thread else { return nil }
    Unmanaged<WorkerThread>.fromOpaque(thread).takeRetainedValue().run()
    return nil
}
