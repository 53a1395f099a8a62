import Feeds
import Indicators
import Platform
import Ports
import TradingModel

/// A file with its indicators beside it, row by row; a series of its own for each symbol.
final class IndicatorSheet {
    /// A row as it is written, and its values.
    private struct Row {
        let cells: [String]
        let values: [Double?]
    }
    private let path: String
    private let table: CSVTable
    private let columns: BarColumns
    private let requests: [IndicatorRequest]
    private var series: [String: [any Indicator]] = [:]

    /// - Throws: ``FeedError``, ``RunError``.
    init(_ path: String, _ requests: [IndicatorRequest], _ command: CommandInvocation) throws {
        self.path = path
        self.requests = requests
        let zone = command.value(of: CommandLineShape.zone) ?? "UTC"
        guard let offsets = Zones.offsets(of: zone) else {
            throw RunError(.usage, "--zone '\(zone)' is no time zone\n  such as: Asia/Seoul")
        }
        table = try CSVTable(path: path)
        columns = try BarColumns(
            table.header, told: command.values(of: CommandLineShape.column), zone: offsets)
        try columns.check(requests)
        if let index = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw RunError(.usage, "--of: '\(names[index])' is asked for twice\n  once is enough")
        }
    }

    private var names: [String] { requests.flatMap(\.columns) }

    private func next() throws -> Row? {
        guard let cells = try table.next() else { return nil }
        let bar: Bar
        do { bar = try columns.bar(cells) } catch {
            throw FeedError(
                error.what, at: "\(path):\(table.line): column '\(error.column)'",
                advice: "mend the row, or say which column it is: --column FIELD=NAME")
        }
        let symbol = columns.symbol(cells)
        var indicators = series[symbol] ?? requests.map { $0.make() }
        series[symbol] = nil  // one owner while it is fed: no copy
        for index in indicators.indices { indicators[index].push(bar) }
        var values: [Double?] = []
        for (index, request) in requests.enumerated() {
            for output in request.kind.outputs.indices {
                values.append(indicators[index].value(output))
            }
        }
        series[symbol] = indicators
        return Row(cells: cells, values: values)
    }

    /// The file's columns, then one for each output; shortest decimals that give the same double.
    func writeCSV() throws {
        StandardOutput.write(
            line: (table.header + names).map(Self.quoted).joined(separator: ","))
        while let row = try next(), !StandardOutput.isGone {
            let values = row.values.map { $0.map { "\($0)" } ?? "" }
            StandardOutput.write(
                line: (row.cells.map(Self.quoted) + values).joined(separator: ","))
        }
    }

    /// - Throws: ``RunError`` where a member would have two values.
    func writeJSON() throws {
        if let twice = names.first(where: { table.header.contains($0) }) {
            throw RunError(
                .feed,
                "\(path): the file has a column '\(twice)' already"
                    + "\n  ask for --csv, where both stand, or rename it in the file")
        }
        let (cells, outputs) = (table.header.map(jsonText), names.map(jsonText))
        while let row = try next(), !StandardOutput.isGone {
            let members =
                zip(cells, row.cells).map { "\($0):\(jsonText($1))" }
                + zip(outputs, row.values).map { "\($0):\($1.map { "\($0)" } ?? "null")" }
            StandardOutput.write(line: "{" + members.joined(separator: ",") + "}")
        }
    }

    /// The last rows, rounded, for people.
    func writeTable(last: Int) throws {
        var rows: [Row] = []
        var count = 0
        while let row = try next() {
            count += 1
            rows.append(row)
            if rows.count >= 2 * last { rows.removeFirst(last) }
        }
        let isNumber = table.header.indices.map { index in
            rows.allSatisfy { Double($0.cells[index]) != nil || $0.cells[index].isEmpty }
        }
        var text = TextTable(
            zip(table.header, isNumber).map { $1 ? .right($0) : .left($0) }
                + names.map { .right($0) })
        for row in rows.suffix(last) {
            text.add(row.cells + row.values.map { $0.map(Self.rounded) ?? "-" })
        }
        text.lines.forEach { StandardOutput.write(line: $0) }
        if count > last {
            StandardOutput.write(
                line: "the last \(last) of \(count) rows, rounded; all of them exactly: --csv")
        }
    }

    /// Four decimals at most.
    private static func rounded(_ value: Double) -> String {
        let scaled = (value * 10_000).rounded()
        guard abs(scaled) < 9e18 else { return "\(value)" }
        return decimalString(Int128(scaled), scale: 4)
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
            return cell
        }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
