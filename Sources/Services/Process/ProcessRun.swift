import Processes

/// What one run of a program begins with.
struct ProcessRun: Sendable {
    let service: ProcessService
    let mailbox: ProcessMailbox
    /// The rules in force at the beginning; a change comes through the mailbox.
    let rules: ProcessRules
    let request: SpawnRequest
}
