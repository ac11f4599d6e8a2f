import Glibc
import Processes
import ServiceConfiguration

/// Turns settings into a request with everything resolved, or says what is not there and where the file asks for it.
///
/// Of several problems the first one is reported, in the order in which they would stop the program.
struct ProcessResolution {
    let specification: ServiceSpecification
    let settings: ProcessSettings
    let output: any LineReceiver
    /// Looks a variable of the supervisor's environment up.
    let own: (String) -> String?
    /// The highest limit that the supervisor may set; nil: any.
    var highest: (ResourceLimit.Resource) -> UInt64? = HardLimit.of

    /// Without what is known only when the program is spawned.
    func request() throws(PreparationError) -> SpawnRequest {
        let identity = try ProcessIdentityResolution(user: settings.user, group: settings.group)
        let access = FileAccess(user: identity.user)
        let variables = ProcessEnvironment.variables(
            own: own,
            account: identity.account,
            isNobody: settings.user != nil && identity.account == nil,
            settings: settings.environment
        )
        try checkDirectory(access)
        let search = ProgramSearch(path: variables["PATH"] ?? "", directory: settings.directory?.value, access: access)
        let program = try find(settings.program.value, search, at: settings.program.position)
        try checkProbes(search)
        try checkLimits()
        var request = SpawnRequest(
            program: program,
            arguments: [settings.program.value] + settings.arguments.map { $0.reveal { $0 } },
            environment: variables.map { "\($0.key)=\($0.value)" }.sorted()
        )
        request.directory = settings.directory?.value
        request.identity = identity.user
        request.limits = limits
        switch settings.output {
        case .log: request.output = .lines(output)
        case .null: request.output = .null
        case .inherit: request.output = .inherit
        }
        return request
    }

    private func checkDirectory(_ access: FileAccess) throws(PreparationError) {
        guard let directory = settings.directory else { return }
        let reason: String
        switch access.problem(withDirectory: directory.value) {
        case nil: return
        case .missing?: reason = "there is no such directory; create it"
        case .wrongKind?: reason = "it is not a directory; remove what is there"
        case .forbidden?: reason = "the program's user may not enter it; change its mode"
        case .closed(let folder)?: reason = "the program's user may not enter \(folder); change its mode"
        case .unreadable(let code)?: reason = "\(String(cString: strerror(code))); make it readable"
        }
        throw PreparationError(
            at: directory.position,
            "cannot change to the directory \(directory.value): \(reason), or correct `directory`"
        )
    }

    private func checkProbes(_ search: ProgramSearch) throws(PreparationError) {
        if case .command(let program, _)? = settings.health?.check {
            _ = try find(program, search, at: specification.position.position)
        }
        if case .log = settings.ready.fact, settings.output == .inherit {
            throw PreparationError(
                at: specification.position.position,
                "cannot look for the text of ready.log: the program writes past the supervisor; use `output: log`"
            )
        }
    }

    private func checkLimits() throws(PreparationError) {
        for limit in limits {
            guard let highest = highest(limit.resource), highest < limit.value else { continue }
            throw PreparationError(
                at: specification.position.position,
                "cannot set limits.\(Self.key(of: limit.resource)) to \(limit.value): the supervisor's own hard limit "
                    + "is \(highest); raise that one, or lower the value"
            )
        }
    }

    private static func key(of resource: ResourceLimit.Resource) -> String {
        switch resource {
        case .addressSpace: "memory"
        case .core: "core"
        case .openFiles: "open_files"
        case .processes: "processes"
        case .cpuSeconds: "cpu_time"
        }
    }

    private func find(
        _ program: String,
        _ search: ProgramSearch,
        at position: SourcePosition
    ) throws(PreparationError) -> String {
        do throws(ProcessFailure) {
            return try search.find(program)
        } catch {
            throw PreparationError(at: position, error.description)
        }
    }

    private var limits: [ResourceLimit] {
        let limits = settings.limits
        let pairs: [(ResourceLimit.Resource, Int?)] = [
            (.addressSpace, limits.memory),
            (.core, limits.core),
            (.openFiles, limits.openFiles),
            (.processes, limits.processes),
            (.cpuSeconds, limits.cpuTime.map { max(1, Int($0 / .seconds(1))) }),
        ]
        return pairs.compactMap { resource, value in value.map { ResourceLimit(resource, UInt64($0)) } }
    }
}
