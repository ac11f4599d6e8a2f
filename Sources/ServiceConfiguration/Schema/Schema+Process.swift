extension Schema {
    static let process = SchemaRecord(
        name: "a service of type process",
        keys: [
            SchemaKey("command", .some(.text(.secret)), required: true, "The program and its arguments."),
            SchemaKey("directory", .text(.path), "The working directory."),
            SchemaKey(
                "environment",
                .names(word: Names.variable, .text(.secret)),
                "Variables added to the environment."
            ),
            SchemaKey("environment_file", .oneOrMany(.text(.path)), "Files with variables, one `NAME=value` a line."),
            SchemaKey("user", .text(.plain), "The user that runs the program."),
            SchemaKey("group", .text(.plain), "The group that runs the program."),
            SchemaKey(
                "stop_signal",
                .choice(StopSignal.allCases.map(\.rawValue)),
                default: "TERM",
                "The signal that asks the program to stop."
            ),
            SchemaKey("stop_timeout", .duration(anyDuration), default: "10s", "How long stopping may take."),
            SchemaKey("success_exit_codes", .list(.integer(0...255)), default: "[0]", "Exit codes that mean success."),
            SchemaKey(
                "ready",
                .either(.choice(["started", "notify"]), ready),
                default: "started",
                "The fact that makes the service ready."
            ),
            SchemaKey("health", .record(health), "Checks the running program again and again."),
            SchemaKey("limits", .record(limits), "Limits on the program's resources."),
            SchemaKey("sockets", .oneOrMany(.listen), "Listening sockets passed by the LISTEN_FDS protocol."),
            SchemaKey(
                "output",
                .choice(ProcessSettings.Output.allCases.map(\.rawValue)),
                default: "log",
                "Where the program's output goes."
            ),
        ]
    )

    static let ready = SchemaRecord(
        name: "`ready`",
        keys: [
            SchemaKey("tcp", .destination, "Ready when this address accepts a connection."),
            SchemaKey("http", .text(.url), "Ready when this URL answers with a status of 200 to 399."),
            SchemaKey("log", .text(.plain), "Ready when a line of output contains this text."),
            SchemaKey("timeout", .duration(positiveDuration), default: "30s", "How long becoming ready may take."),
        ],
        alternatives: ["tcp", "http", "log"]
    )

    static let health = SchemaRecord(
        name: "`health`",
        keys: [
            SchemaKey("tcp", .destination, "Healthy when this address accepts a connection."),
            SchemaKey("http", .text(.url), "Healthy when this URL answers with a status of 200 to 399."),
            SchemaKey("command", .some(.text(.secret)), "Healthy when this program exits with 0."),
            SchemaKey("interval", .duration(positiveDuration), default: "10s", "The time between two checks."),
            SchemaKey("timeout", .duration(positiveDuration), default: "1s", "How long one check may take."),
            SchemaKey("successes", .integer(1...100), default: "1", "Good checks in a row that mean healthy."),
            SchemaKey("failures", .integer(1...100), default: "3", "Bad checks in a row that mean unhealthy."),
            SchemaKey(
                "on_unhealthy",
                .choice(HealthSettings.Consequence.allCases.map(\.rawValue)),
                default: "restart",
                "What becomes of an unhealthy program."
            ),
        ],
        alternatives: ["tcp", "http", "command"]
    )

    static let limits = SchemaRecord(
        name: "`limits`",
        keys: [
            SchemaKey("memory", .size(0...Int.max), "The address space."),
            SchemaKey("core", .size(0...Int.max), "The size of a core dump."),
            SchemaKey("open_files", .integer(0...connectionLimit), "Open file descriptors."),
            SchemaKey("processes", .integer(0...connectionLimit), "Processes of the user."),
            SchemaKey("cpu_time", .duration(positiveDuration), "Processor time."),
        ]
    )
}
