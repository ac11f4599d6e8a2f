/// The example configurations of the project.
package enum Examples {
    /// The folder `examples` at the top of the package.
    package static func folder(from testFile: String) throws -> String {
        let parts = testFile.split(separator: "/")
        guard let tests = parts.lastIndex(of: "Tests") else {
            throw ScenarioFailure("cannot find the package that has \(testFile)")
        }
        return "/" + parts[..<tests].joined(separator: "/") + "/examples"
    }

    /// Every example by its name.
    package static func all(from testFile: String) throws -> [(name: String, text: String)] {
        let folder = try folder(from: testFile)
        let names = FileText.names(in: folder).filter { $0.hasSuffix(".yaml") }
        guard !names.isEmpty else { throw ScenarioFailure("cannot find an example in \(folder)") }
        return try names.map { ($0, try FileText.read(folder + "/" + $0)) }
    }

    package static func named(_ name: String, from testFile: String) throws -> String {
        try FileText.read(try folder(from: testFile) + "/" + name)
    }
}
