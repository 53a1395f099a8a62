/// The two tables of docs/ARCHITECTURE.md: what each room may import, and which room each door opens to.
struct RoomTable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// *base* and *core* of the table, which stand for several rooms.
    static let groups: [String: Set<String>] = [
        "base": ["TradingModel", "Platform", "Ports"],
        "core": ["Kernel", "TradingModel", "Indicators", "Strategies", "Rules"],
    ]

    /// What each room may import of ours, *base* and *core* written out; `nil` stands for every room.
    private(set) var imports: [String: Set<String>?] = [:]
    private(set) var doors: [String: String] = [:]

    init(markdown: String) throws {
        for row in Self.rows(of: markdown, headed: "room") {
            guard row.count == 3, let room = Self.names(in: row[0]).first else {
                throw Failure(
                    description: "a row of rooms is not 'room, inside, may import': \(row)")
            }
            imports[room] = row[2] == "every room" ? .some(nil) : Self.expanded(row[2])
        }
        for row in Self.rows(of: markdown, headed: "door") {
            guard row.count == 3, let door = Self.names(in: row[0]).first,
                let room = Self.names(in: row[2]).first, Self.names(in: row[2]).count == 1
            else {
                throw Failure(
                    description: "a row of doors is not 'door, library, one room': \(row)")
            }
            doors[door] = room
        }
    }

    func mayImport(_ module: String, from room: String) -> Bool {
        guard let allowed = imports[room] else { return false }
        return allowed?.contains(module) ?? (doors[module] == nil || doors[module] == room)
    }

    private static func expanded(_ cell: String) -> Set<String> {
        var allowed = Set(names(in: cell))
        for (group, members) in groups where cell.contains("*\(group)*") {
            allowed.formUnion(members)
        }
        return allowed
    }

    /// What stands in backquotes.
    private static func names(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The cells of the table whose first column is headed so.
    private static func rows(of markdown: String, headed heading: String) -> [[String]] {
        let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.firstIndex(where: { $0.hasPrefix("| \(heading) |") }) else {
            return []
        }
        return lines[(head + 1)...].prefix { $0.hasPrefix("|") }.dropFirst().map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { String($0).trimmed }
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
