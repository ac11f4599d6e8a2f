/// The work of the benchmark: a million tasks, a hundred thousand at a time, each sleeps 1 ms and returns its number.
enum Work {
    static let tasks = 1_000_000
    static let slots = 100_000
    static let sleep = Duration.milliseconds(1)
    static let sum = tasks * (tasks - 1) / 2
}
