/// A walk over a graph that finds circles, and an order in which each node comes after those it points to.
///
/// It has its own stack: a chain may be as long as there are services.
struct DepthFirstWalk {
    /// A node on the way, with the number of its edges that were followed.
    struct Step {
        var node: Int
        var followed = 0

        /// The edge by which the way goes on.
        var edge: Int { followed - 1 }
    }

    private enum Mark {
        case new
        case open
        case done
    }

    private(set) var order: [Int] = []

    /// `onCircle` gets the steps of each circle, the edge of the last of which closes it.
    init(edges: [[Int]], onCircle: (ArraySlice<Step>) -> Void) {
        var marks = Array(repeating: Mark.new, count: edges.count)
        // Where each open node is in the stack.
        var depths = Array(repeating: 0, count: edges.count)
        for start in edges.indices where marks[start] == .new {
            var stack = [Step(node: start)]
            marks[start] = .open
            depths[start] = 0
            while let top = stack.last {
                guard top.followed < edges[top.node].count else {
                    marks[top.node] = .done
                    order.append(top.node)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].followed += 1
                let next = edges[top.node][top.followed]
                switch marks[next] {
                case .new:
                    marks[next] = .open
                    depths[next] = stack.count
                    stack.append(Step(node: next))
                case .open: onCircle(stack[depths[next]...])
                case .done: continue
                }
            }
        }
    }
}
