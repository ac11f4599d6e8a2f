import Addresses

/// Listening sockets that outlive the process: those that the last one has left, and those that the next one gets.
extension ListenerState {
    /// Takes over what another process has left: the next staging claims it, as it does what a configuration before had
    /// wanted, and the commit closes what is not claimed.
    ///
    /// What is no listening socket as this table makes them, or has an address that is there already, is left alone.
    mutating func inherit(_ sockets: [InheritedSocket]) {
        for socket in sockets {
            do throws(SystemCallError) {
                try inherit(socket)
            } catch {
                // Staging binds the address then, and reports what is in the way.
            }
        }
    }

    private mutating func inherit(_ socket: InheritedSocket) throws(SystemCallError) {
        // Close-on-exec, which what is passed at the start is not.
        let descriptor = try calls.duplicate(socket.descriptor)
        do throws(SystemCallError) {
            if var listener = try factory.adopt(descriptor, named: KeptName(socket.name)) {
                let key = ListenerKey(ListenRequest(listener.address, owner: "", index: 0))
                if listeners[key] == nil {
                    lastID += 1
                    listener.id = lastID
                    listeners[key] = listener
                    return
                }
            }
        } catch {
            calls.close(descriptor)
            throw error
        }
        calls.close(descriptor)
    }

    /// The sockets of the configuration that the next process can find by their addresses.
    ///
    /// Not those whose port the kernel chose: nothing in a configuration says which of them is whose.
    private var keepable: [OwnedListener] {
        listeners.keys.compactMap { key in
            guard !key.isChosenByKernel, let listener = listeners[key], listener.state == .owned else { return nil }
            return listener
        }
    }

    /// The names of the sockets to be kept, and duplicates of those that are not in `known`.
    func kept(beside known: Set<String>) -> (names: Set<String>, new: [KeptSocket]) {
        var names: Set<String> = []
        var new: [KeptSocket] = []
        for listener in keepable {
            let name = KeptName(listener).text
            guard !known.contains(name) else {
                names.insert(name)
                continue
            }
            do throws(SystemCallError) {
                let descriptor = try calls.duplicate(listener.descriptor)
                new.append(KeptSocket(name: name, descriptor: descriptor, calls: calls))
                names.insert(name)
            } catch {
                // Tried again at the next change; until then a restart of the daemon binds this one anew.
            }
        }
        return (names, new)
    }

    /// Leaves the sockets of the configuration to another process: nobody accepts their queues when they are retired,
    /// and the files of unix sockets stay where they are.
    mutating func leave() {
        for listener in keepable {
            let key = ListenerKey(ListenRequest(listener.address, owner: "", index: 0))
            listeners[key]?.isLeft = true
            listeners[key]?.file = nil
        }
    }
}
