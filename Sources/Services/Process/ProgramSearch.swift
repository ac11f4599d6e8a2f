import Glibc

/// Finds a program as execvp(3) does, in the PATH and the folder that it will have itself.
struct ProgramSearch {
    /// The value of PATH.
    let path: String
    /// The working directory of the program; nil: the supervisor's.
    let directory: String?
    let access: FileAccess

    /// The absolute path of a program.
    ///
    /// - Throws: A text that starts with `cannot` and ends with what to do.
    func find(_ program: String) throws(ProcessFailure) -> String {
        if program.contains("/") {
            let file = absolute(program)
            guard let problem = access.problem(withProgram: file) else { return try checked(file) }
            throw ProcessFailure(description: Self.text(problem, file))
        }
        // PATH may come from the file's `environment`, whose values appear in no message: neither do its folders.
        var isForbidden = false
        for folder in path.split(separator: ":", omittingEmptySubsequences: false) {
            let file = absolute(folder.isEmpty ? program : "\(folder)/\(program)")
            switch access.problem(withProgram: file) {
            case nil: return try checked(file)
            case .forbidden?, .closed?: isForbidden = true
            case .missing?, .wrongKind?, .unreadable?: continue
            }
        }
        if isForbidden { throw ProcessFailure(description: Self.text(.forbidden, "the `\(program)` in PATH")) }
        throw ProcessFailure(
            description: "cannot find the program `\(program)` in PATH; install it, or give its path"
        )
    }

    private func absolute(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        let parts = file.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return "\(directory ?? Self.currentDirectory)/\(parts)"
    }

    /// The file, when the kernel knows how to run it.
    private func checked(_ file: String) throws(ProcessFailure) -> String {
        switch ProgramHead(of: file) {
        case .binary, .unreadable: return file
        case .unknown:
            let text = "cannot run \(file): it is neither a program nor a script with a #! line"
            throw ProcessFailure(description: "\(text); add the line, or correct `command`")
        case .script(let interpreter):
            let reason: String
            switch access.problem(withProgram: absolute(interpreter)) {
            case nil: return file
            case .missing?: reason = "is not there; install it, or correct the first line"
            case .wrongKind?: reason = "is not a file; correct the first line"
            case .forbidden?: reason = "is not executable; change its mode, or correct the first line"
            case .closed(let folder)?: reason = "is in \(folder), which the program's user may not enter; correct that"
            case .unreadable(let code)?: reason = "cannot be read: \(String(cString: strerror(code))); correct that"
            }
            throw ProcessFailure(description: "cannot run \(file): its interpreter \(interpreter) \(reason)")
        }
    }

    private static var currentDirectory: String {
        guard let text = getcwd(nil, 0) else { return "." }
        defer { free(text) }
        return String(cString: text)
    }

    private static func text(_ problem: FileAccess.Problem, _ file: String) -> String {
        switch problem {
        case .missing: "cannot run \(file): there is no such file; install it, or correct `command`"
        case .wrongKind: "cannot run \(file): it is not a file; correct `command`"
        case .forbidden: "cannot run \(file): it is not executable; change its mode, or correct `command`"
        case .closed(let folder):
            "cannot run \(file): its user may not enter \(folder); change the mode of that, or correct `command`"
        case .unreadable(let code):
            "cannot run \(file): \(String(cString: strerror(code))); make it readable, or correct `command`"
        }
    }
}
