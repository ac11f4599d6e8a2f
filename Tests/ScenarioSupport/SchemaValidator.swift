/// Debian's jsonschema, which checks answers of the control API against the schema that the project publishes.
package struct SchemaValidator {
    private static let program = """
        import json, sys
        from jsonschema import Draft202012Validator, FormatChecker
        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        del schema["oneOf"]
        for name in sys.argv[2:]:
            rule = {**schema, "$ref": "#/$defs/" + name.split("-", 1)[1]}
            validator = Draft202012Validator(rule, format_checker=FormatChecker())
            lines = open(name).read().splitlines()
            if not lines: print(name, "is empty")
            for number, line in enumerate(lines, 1):
                try: document = json.loads(line)
                except ValueError as error:
                    print(name, "line", number, error)
                    continue
                for error in validator.iter_errors(document):
                    print(name, list(error.absolute_path), error.message)
        """

    private let schema: String
    private let folder: String
    private var answers: [String] = []

    package init(testFile: String, folder: String) throws {
        let examples = try Examples.folder(from: testFile)
        schema = examples + "/../schema/control-api.schema.json"
        self.folder = folder
    }

    /// Keeps an answer, one document a line, for `faults`.
    package mutating func add(_ text: String, as definition: String) throws {
        let name = "\(answers.count)-\(definition)"
        try FileText.write(text, to: folder + "/" + name)
        answers.append(name)
    }

    /// Everything in the answers that the schema does not allow; empty when there is nothing.
    package func faults() throws -> String {
        let output = folder + "/faults"
        // Debian's package belongs to Debian's Python.
        let command = Command(
            "/usr/bin/python3",
            ["-W", "ignore", "-c", Self.program, schema] + answers,
            directory: folder,
            outputPath: output,
            errorPath: output
        )
        let status = try ChildProcess.run(command)
        let text = try FileText.read(output)
        guard status == .exited(0) else { throw ScenarioFailure("cannot validate, \(status): \(text)") }
        return text
    }
}
