/// The fact that a scenario waited for and that did not come, or a tool of the scenario that did not work.
package struct ScenarioFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
