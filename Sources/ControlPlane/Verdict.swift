package import Planning

/// The answer to a load or reload.
package struct Verdict: Sendable {
    package var plan: [PlanStep] = []
}
