import ControlPlane
import Logging
import Supervision
import Synchronization

/// Logs what happens to the daemon's own endpoints: only trouble, and each as long as it lasts once.
///
/// The services run all the same, and an endpoint tries again for ever.
final class EndpointJournal: Sendable {
    private let journal: TreeJournal
    private let log: Logger
    /// What was told last, by the endpoint's name.
    private let told = Mutex<[String: String]>([:])

    init(_ journal: TreeJournal, log: Logger) {
        self.journal = journal
        self.log = log
    }

    func record(_ event: SupervisionEvent) {
        switch event {
        case .crashed(let id, let error):
            guard told.withLock({ $0.updateValue(error, forKey: id.name) }) != error else { return }
            journal.events.record(EventRecord(event))
            log.warning("\(error); trying again", metadata: ["service": "\(id.name)"])
        case .changed(let id, .ready):
            guard told.withLock({ $0.removeValue(forKey: id.name) }) != nil else { return }
            log.notice("ready after all", metadata: ["service": "\(id.name)"])
        case .gaveUp, .unresponsive:
            journal.record(event)
        case .changed, .willRestart, .forced, .conditionChanged, .groupRestarts, .groupGaveUp:
            break
        }
    }
}
