import Synchronization

extension TaskPool {
    /// Notes that the task that runs this waits from now on; nil when it is no task of a pool.
    static func beginWait(for cause: TaskWait.Cause) -> TaskWait.Ending? {
        guard let pool = current, let runner = RunningTask.current else { return nil }
        let wait = TaskWait(cause: cause, since: pool.time.elapsed())
        let alarm = pool.record.withLock { record -> Signal? in
            record.waits[runner] = wait
            guard record.wakesOnWait else { return nil }
            record.wakesOnWait = false
            return record.alarm
        }
        alarm?.fire()
        return TaskWait.Ending(pool: pool, runner: runner)
    }

    func endWait(of runner: RunningTask) {
        let alarm = record.withLock { record -> Signal? in
            guard let wait = record.waits.removeValue(forKey: runner), var task = wait.reported else { return nil }
            task.waited = time.elapsed() - wait.since
            record.recovered.append(task)
            return record.alarm
        }
        alarm?.fire()
    }
}
