package import Ports

/// A CSV file's cells as they are written, row by row: for commands that show a file again.
///
/// Plain or gzip. The first row names the columns; every row has as many cells. One owner.
package final class CSVTable {
    private let scanner: CSVScanner
    private let path: String
    /// Names of the columns.
    package let header: [String]

    /// - Throws: ``FeedError`` when the file cannot be read, is empty, or names a column twice.
    package convenience init(path: String) throws(FeedError) {
        try self.init(try openSource(path), path: path)
    }

    init(_ source: any ByteSource, path: String) throws(FeedError) {
        self.path = path
        scanner = CSVScanner(source, path: path, separator: UInt8(ascii: ","))
        guard try scanner.nextRow() else {
            throw FeedError(
                "the file is empty", at: path, advice: "the first line names the columns")
        }
        var names: [String] = []
        for index in 0..<scanner.fieldCount {
            var name = scanner.text(index)
            // What spreadsheets write in front of UTF-8.
            if index == 0, name.unicodeScalars.first == "\u{FEFF}" {
                name = String(name.unicodeScalars.dropFirst())
            }
            if names.contains(name) {
                throw FeedError(
                    "two columns are named '\(name)'", at: "\(path):\(scanner.line)",
                    advice: "rename one of them")
            }
            names.append(name)
        }
        header = names
    }

    /// The line, from 1, on which the last row begins.
    package var line: Int { scanner.line }

    /// - Returns: The next row's cells, or `nil` at the end.
    package func next() throws(FeedError) -> [String]? {
        guard try scanner.nextRow() else { return nil }
        guard scanner.fieldCount == header.count else {
            let count = scanner.fieldCount
            throw FeedError(
                "the row has \(count) field\(count == 1 ? "" : "s"), the header \(header.count)",
                at: "\(path):\(scanner.line)",
                advice: scanner.isAtLastRow
                    ? "it is the last row: was the file cut short?"
                    : "quote fields that hold a comma")
        }
        return (0..<header.count).map { scanner.text($0) }
    }
}
