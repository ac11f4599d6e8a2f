import Addresses

/// Unix sockets whose file is gone or is another one: nobody can connect to them any more.
extension ListenerState {
    /// The wanted sockets that nobody can reach.
    func lostKeys() -> Set<ListenerKey> {
        lost.filter { listeners[$0] == nil }.union(listeners.keys.filter { isLost($0) })
    }

    /// Lets go of the sockets that nobody can reach, so that the next staging, or a restart of their service, binds
    /// them anew.
    mutating func dropLost() -> Set<ListenerKey> {
        for key in listeners.keys where isLost(key) {
            guard let listener = listeners[key] else { continue }
            listeners[key] = nil
            changes += 1
            // What is at the path now is not ours.
            calls.close(listener.descriptor)
            lost.insert(key)
            absent.insert(key)
        }
        return lostKeys()
    }

    private func isLost(_ key: ListenerKey) -> Bool {
        guard let listener = listeners[key], listener.state == .owned, let file = listener.file else { return false }
        guard case .unix(let path) = listener.address else { return false }
        do throws(SystemCallError) {
            return try calls.file(at: path) != file
        } catch {
            // Nobody can look, so nobody can tell.
            return false
        }
    }
}
