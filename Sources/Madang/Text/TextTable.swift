import Platform

/// Columns for people: words to the left, numbers to the right, wide characters counted as two.
struct TextTable {
    enum Side { case left, right }
    struct Column {
        let name: String
        let side: Side
        static func left(_ name: String) -> Column { Column(name: name, side: .left) }
        static func right(_ name: String) -> Column { Column(name: name, side: .right) }
    }
    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// - Parameter cells: One for each column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// The head and the rows, with nothing behind the last cell of a line.
    var lines: [String] {
        let all = [columns.map(\.name)] + rows
        let widths = columns.indices.map { column in
            all.map { displayWidth(of: $0[column]) }.max() ?? 0
        }
        return all.map { row in
            let cells = columns.indices.map { column in
                padded(
                    row[column], to: widths[column], alignedRight: columns[column].side == .right)
            }
            let line = cells.joined(separator: "  ")
            return String(
                line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }
    }
}
