import Addresses
import YAML

/// Builds the settings of one instance of a process; the texts of a command line and of an environment are bytes for
/// the kernel, which ends them at NUL.
struct ProcessDecoder {
    /// More files of variables than anybody keeps apart; each is merged for every instance.
    private static let environmentFileLimit = 16

    let fields: Fields
    let expander: Expander
    let files: EnvironmentFiles
    let log: DiagnosticLog

    /// False as soon as something was reported: then there are no settings.
    private var isComplete = true

    init(_ fields: Fields, expander: Expander, files: EnvironmentFiles, log: DiagnosticLog) {
        self.fields = fields
        self.expander = expander
        self.files = files
        self.log = log
    }

    mutating func settings() -> ProcessSettings? {
        let command = command(fields)
        var settings = ProcessSettings(
            program: command?.program ?? Located("", at: log.source(Position(line: 1, column: 1))),
            arguments: command?.arguments ?? []
        )
        settings.environment = environment()
        settings.directory = name("directory", advice: "write a path, or remove the key")
            .map { Located($0.position.resolved($0.value), at: $0.position) }
        settings.user = name("user", advice: "write a name or a number, or remove the key")
        settings.group = name("group", advice: "write a name or a number, or remove the key")
        settings.stopSignal =
            fields.text("stop_signal").flatMap(StopSignal.init)?.number ?? settings.stopSignal
        settings.stopTimeout = fields.duration("stop_timeout") ?? settings.stopTimeout
        if let node = fields["success_exit_codes"], case .sequence(let nodes) = node.content {
            settings.successExitCodes = Set(nodes.compactMap(Fields.integer).compactMap { Int32(exactly: $0) })
        }
        settings.output = fields.text("output").flatMap(ProcessSettings.Output.init) ?? settings.output
        settings.limits = limits(fields.mapping("limits"))
        settings.ready = ready(output: settings.output)
        settings.health = health(fields.mapping("health"))
        return isComplete ? settings : nil
    }

    /// The key `command` of the process, or of its health check.
    private mutating func command(_ fields: Fields) -> (program: Located<String>, arguments: [Secret])? {
        guard let node = fields["command"], case .sequence(let nodes) = node.content, let first = nodes.first else {
            isComplete = false
            return nil
        }
        var texts: [String] = []
        for node in nodes {
            if let text = text(node) { texts.append(text) }
        }
        guard texts.count == nodes.count, let program = texts.first else { return nil }
        guard !program.isEmpty else {
            let advice = "write its path, or a name to look for in `PATH`"
            report(first, "cannot run a program without a name: \(advice)")
            return nil
        }
        // A path starts at the folder of its file; a name is looked for.
        let path = program.contains("/") ? expander.resolved(program, at: first.position) : program
        return (Located(path, at: log.source(first.position)), texts.dropFirst().map { Secret($0) })
    }

    private mutating func environment() -> [String: Secret] {
        var environment: [String: Secret] = [:]
        let nodes = fields.oneOrMany("environment_file")
        if nodes.count > Self.environmentFileLimit {
            report(
                nodes[Self.environmentFileLimit],
                "cannot read more than \(Self.environmentFileLimit) files of variables: put them into fewer"
            )
            return [:]
        }
        for node in nodes {
            guard let path = expander.expand(node).flatMap({ checked($0, at: node) }) else { continue }
            guard !path.text.isEmpty else {
                report(node, "cannot read a file without a path: write the path, or remove the key")
                continue
            }
            switch files.variables(at: expander.resolved(path.text, at: node.position)) {
            case .success(let variables): environment.merge(variables) { _, new in new }
            case .failure(let problem):
                let shown = path.isPrivate ? "this file" : "the file \(Wording.quotedPath(path.text))"
                report(node, problem.message(naming: shown))
            }
        }
        if let node = fields["environment"], case .mapping(let entries) = node.content {
            for entry in entries { environment[entry.key] = text(entry.value).map { Secret($0) } }
        }
        return environment
    }

    private mutating func limits(_ fields: Fields) -> LimitSettings {
        var limits = LimitSettings()
        limits.memory = fields.text("memory").flatMap(Scalars.size)
        limits.core = fields.text("core").flatMap(Scalars.size)
        limits.openFiles = fields.integer("open_files")
        limits.processes = fields.integer("processes")
        limits.cpuTime = fields.duration("cpu_time")
        if let time = limits.cpuTime, let node = fields["cpu_time"], time.components.attoseconds != 0 {
            report(node, "cannot limit processor time to a part of a second: write whole seconds")
        }
        return limits
    }

    private mutating func ready(output: ProcessSettings.Output) -> ReadySettings {
        var settings = ReadySettings()
        if fields.text("ready") == "notify" { settings.fact = .notify }
        let own = fields.mapping("ready")
        settings.timeout = own.duration("timeout") ?? settings.timeout
        if let node = own["tcp"], let destination = destination(node) { settings.fact = .tcp(destination) }
        if let node = own["http"], let url = url(node) { settings.fact = .http(url) }
        if let node = own["log"], let text = text(node) {
            settings.fact = .log(text)
            if text.isEmpty || text.utf8.contains(UInt8(ascii: "\n")) {
                report(node, "cannot wait for this in a line of output: write a part of one line")
            } else if output != .log {
                report(node, "cannot wait for a line of output that goes elsewhere: use `output: log`")
            }
        }
        return settings
    }

    private mutating func health(_ fields: Fields) -> HealthSettings? {
        var check: HealthSettings.Check?
        if let node = fields["tcp"], let destination = destination(node) { check = .tcp(destination) }
        if let node = fields["http"], let url = url(node) { check = .http(url) }
        if fields["command"] != nil, let command = command(fields) {
            check = .command(program: command.program.value, arguments: command.arguments)
        }
        guard let check else { return nil }
        var settings = HealthSettings(check: check)
        settings.interval = fields.duration("interval") ?? settings.interval
        settings.timeout = fields.duration("timeout") ?? settings.timeout
        settings.successes = fields.integer("successes") ?? settings.successes
        settings.failures = fields.integer("failures") ?? settings.failures
        settings.onUnhealthy =
            fields.text("on_unhealthy").flatMap(HealthSettings.Consequence.init) ?? settings.onUnhealthy
        return settings
    }

    private mutating func destination(_ node: Node) -> Destination? {
        guard let text = expander.expand(node) else {
            isComplete = false
            return nil
        }
        switch AddressText.destination(text.text) {
        case .success(let destination): return destination
        case .failure(let problem):
            report(node, "cannot connect to \(text.shown): \(problem.advice)")
            return nil
        }
    }

    private mutating func url(_ node: Node) -> ProbeURL? {
        guard let text = expander.expand(node) else {
            isComplete = false
            return nil
        }
        do throws(ProbeURLText.Problem) {
            return try ProbeURLText.parsed(text.text)
        } catch {
            report(node, error.message)
            return nil
        }
    }

    /// The value of a key that must not be empty when it is there.
    private mutating func name(_ key: String, advice: String) -> Located<String>? {
        guard let node = fields[key], let text = text(node) else { return nil }
        guard !text.isEmpty else {
            report(node, "cannot use an empty text for `\(key)`: \(advice)")
            return nil
        }
        return Located(text, at: log.source(node.position))
    }

    private mutating func text(_ node: Node) -> String? {
        guard let text = expander.expand(node) else {
            isComplete = false
            return nil
        }
        return checked(text, at: node)?.text
    }

    private mutating func checked(_ text: Expander.Expanded, at node: Node) -> Expander.Expanded? {
        // The file itself has no NUL: that is no YAML.
        guard text.isPrivate, text.text.utf8.contains(0) else { return text }
        report(node, "cannot hand a text with NUL to a program: remove it")
        return nil
    }

    private mutating func report(_ node: Node, _ message: String) {
        log.report(node.position, message)
        isComplete = false
    }
}
