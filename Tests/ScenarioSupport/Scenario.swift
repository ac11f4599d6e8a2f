import Glibc

/// One scenario: a folder of its own, the processes and loads that it starts, and what must hold at its end.
///
/// At the end, whether it succeeded or not, everything it started is ended. Then no process that carries its mark may
/// be left, and no output may contain a canary password in any form.
package final class Scenario {
    package let folder: String
    private let mark: String
    private var daemons: [DaemonProcess] = []
    private var loads: [ConnectLoad] = []
    private var endings: [() -> Void] = []

    private init() throws {
        var parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        while parent.hasSuffix("/") { parent.removeLast() }
        var template = Array((parent + "/scenario-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ScenarioFailure("cannot make a folder in \(parent): \(SystemError.text(errno))")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        mark = folder
        // Squid changes its user and must still reach its folder.
        chmod(folder, 0o755)
    }

    /// Runs a scenario; a failure shows what the daemons wrote.
    package static func run(_ body: (Scenario) throws -> Void) throws {
        let scenario = try Scenario()
        var failure: (any Error)?
        do { try body(scenario) } catch { failure = error }
        let transcript = scenario.transcript
        scenario.end()
        // Also after a failure: what it left would be found by the next scenario.
        let remains = scenario.remains()
        // To look at what a failure left behind.
        if getenv("SCENARIO_KEEP") == nil { FileText.removeTree(scenario.folder) }
        if let failure { throw ScenarioFailure("\(failure)\n\(transcript)") }
        guard remains.isEmpty else {
            throw ScenarioFailure(remains.joined(separator: "\n") + "\n" + transcript)
        }
    }

    /// A daemon on a configuration; it may not be ready yet.
    package func daemon(
        _ configuration: ConfigurationText,
        environment: [String: String] = [:],
        program: [String]? = nil,
        patience: Duration = .seconds(15),
        errorPath: String? = nil
    ) throws -> DaemonProcess {
        try daemon(
            text: configuration.text,
            environment: environment,
            program: program,
            patience: patience,
            errorPath: errorPath
        )
    }

    /// A daemon on a text; `prepare` makes what else its folder is to have.
    package func daemon(
        text: String,
        environment: [String: String] = [:],
        program: [String]? = nil,
        patience: Duration = .seconds(15),
        errorPath: String? = nil,
        prepare: (_ folder: String) throws -> Void = { _ in }
    ) throws -> DaemonProcess {
        let place = try subfolder("daemon\(daemons.count)")
        try prepare(place)
        try FileText.write(text, to: place + "/services.yaml")
        let daemon = try DaemonProcess(
            folder: place,
            mark: mark,
            environment: environment,
            program: program,
            patience: patience,
            errorPath: errorPath
        )
        daemons.append(daemon)
        return daemon
    }

    /// A daemon that has announced itself as ready.
    package func readyDaemon(_ configuration: ConfigurationText) throws -> DaemonProcess {
        let daemon = try daemon(configuration)
        try daemon.awaitReady()
        return daemon
    }

    /// A program for a `process` service: a shell script, whose starts are counted.
    package func script(_ name: String, _ body: String) throws -> Script {
        try Script(name: name, shell: body, folder: folder)
    }

    /// A program that does nothing until it is stopped.
    package func sleeper(_ name: String) throws -> Script {
        try script(name, "exec sleep 1000")
    }

    /// A program for a `process` service in Python, whose starts are counted.
    package func python(_ name: String, _ body: String) throws -> Script {
        try Script(name: name, python: body, folder: folder)
    }

    /// A load that goes on until the scenario stops it.
    package func load(
        ports: [UInt16],
        threads: Int = 3,
        exchange: @escaping @Sendable (UInt16, String) throws -> Void = ConnectLoad.echo
    ) throws -> ConnectLoad {
        let load = try ConnectLoad.start(ports: ports, threads: threads, exchange: exchange)
        loads.append(load)
        return load
    }

    /// An open echo connection that goes on until the scenario stops it.
    package func steadyEcho(
        port: UInt16,
        beginning: @escaping @Sendable (ClientSocket) throws -> Void = { _ in }
    ) throws -> SteadyEcho {
        let echo = try SteadyEcho.start(port: port, beginning: beginning)
        // A failure was for the scenario to see, which stops the echo itself; here only the thread has to end.
        atEnd { do { try echo.stop() } catch {} }
        return echo
    }

    package func subfolder(_ name: String) throws -> String {
        let path = folder + "/" + name
        guard mkdir(path, 0o755) == 0 else {
            throw ScenarioFailure("cannot make \(path): \(SystemError.text(errno))")
        }
        return path
    }

    /// Adds what has to happen at the end, in reverse order.
    package func atEnd(_ ending: @escaping () -> Void) {
        endings.append(ending)
    }

    private func end() {
        for load in loads { load.stop() }
        for daemon in daemons { daemon.process.kill() }
        for ending in endings.reversed() { ending() }
    }

    /// What must not be left: processes and secrets.
    private func remains() -> [String] {
        var found = ProcessTable.processes(markedBy: "SCENARIO=" + mark).map { pid in
            "cannot accept that process \(pid) is left"
        }
        do {
            found += try Orphanage.remains().map { "cannot accept that an orphan is left: \($0)" }
        } catch {
            found.append("\(error)")
        }
        for daemon in daemons {
            let outputs = [
                "stderr": daemon.log, "stdout": daemon.output,
                "notifications": daemon.notifications.map(\.text).joined(separator: "\n"),
            ]
            for (name, text) in outputs where !Canary.leaks(in: text).isEmpty {
                found.append("cannot accept a canary password on \(name)")
            }
        }
        return found
    }

    private var transcript: String {
        daemons.map { daemon in
            """
            --- stderr of daemon \(daemon.pid) (its end)
            \(daemon.log.suffix(3000))
            --- its notifications
            \(daemon.notifications.suffix(6).map(\.text).joined(separator: "\n"))
            """
        }.joined(separator: "\n")
    }
}
