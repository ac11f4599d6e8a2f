/// What a reload does to one service.
package enum PlanStep: String, Hashable, Sendable {
    case keep
    case apply
    case adopt
    case restart
    case start
    case stop
}
