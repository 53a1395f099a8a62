import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

/// `madang store check|rebuild`: a run's tables, held against its log, or made from it.
enum StoreCommand {
    private struct Answer: Encodable {
        struct Table: Encodable {
            var name: String
            var rows: Int
            var byTheLog: Int
            var difference: String?
        }
        var run: String
        var store: String
        var records: UInt64
        var applied: UInt64
        var alike: Bool
        var tables: [Table]
    }

    static func check(_ command: CommandInvocation) throws -> ExitCode {
        let place = try StorePlace(command)
        return try place.read { (store, applied) in
            let scratch = try place.scratch()
            defer { place.remove(scratch) }
            let reference = try place.tables(in: scratch, through: applied)
            let comparison = try StoreComparison(store, reference)
            let answer = Answer(
                run: place.run, store: place.address.place, records: place.records,
                applied: applied, alike: comparison.first == nil,
                tables: comparison.tables.map {
                    .init(
                        name: $0.name, rows: $0.here, byTheLog: $0.there, difference: $0.difference)
                })
            if command.has(CommandLineShape.json) {
                StandardOutput.write(line: try JSONEncoder.line(answer))
            } else {
                write(answer)
            }
            return answer.alike ? .good : .store
        }
    }

    private static func write(_ answer: Answer) {
        StandardOutput.write(
            line: "run \(answer.run)   tables at record \(answer.applied) of \(answer.records)")
        var table = TextTable([.left("table"), .right("rows"), .right("by the log"), .left("")])
        for one in answer.tables {
            table.add([
                one.name, "\(one.rows)", "\(one.byTheLog)",
                one.difference == nil ? "alike" : "DIFFERS",
            ])
        }
        table.lines.forEach { StandardOutput.write(line: $0) }
        guard let first = answer.tables.first(where: { $0.difference != nil }) else { return }
        StandardOutput.write(line: "\(first.name), \(first.difference ?? "")")
        StandardOutput.write(line: "  make the tables anew from the log: madang store rebuild")
    }

    /// The rows are taken out and written anew: cut short anywhere, the next start or the next
    /// rebuild goes on, for the tables say how far they are.
    static func rebuild(_ command: CommandInvocation) throws -> ExitCode {
        let place = try StorePlace(command)
        let scratch = try place.scratch()
        defer { place.remove(scratch) }
        // Everything is made aside first: a log that cannot be read leaves the tables as they are.
        let made = try place.tables(in: scratch, through: .max)
        let rows = try place.rebuild(from: made)
        let words = "run \(place.run): \(counted(rows, "row")) from \(place.records) records"
        StandardOutput.write(
            line: command.has(CommandLineShape.json)
                ? "{\"run\":\(jsonText(place.run)),\"rows\":\(rows),\"records\":\(place.records)}"
                : words)
        return .good
    }

    // MARK: Backups

    static func backup(_ command: CommandInvocation) throws {
        let (backup, folder) = try place(command)
        let manifest = try backup.make(in: folder)
        tell(manifest, folder, "backed up to", command)
        if backup.database == nil, !command.has(CommandLineShape.json) {
            StandardOutput.write(
                line: "tables on the server are not in it: they are made from the logs")
        }
    }

    static func restore(_ command: CommandInvocation) throws {
        let (backup, folder) = try place(command)
        if let host = FolderLock.holder(of: backup.root) {
            throw RunError(
                .refused, "a host (process \(host)) uses \(backup.root)\n  stop it first")
        }
        tell(try backup.restore(from: folder), folder, "restored from", command)
    }

    private static func place(_ command: CommandInvocation) throws -> (StoreBackup, String) {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let database =
            configuration.postgres == nil ? loader.path(configuration.database) : nil
        return (
            StoreBackup(root: loader.path(configuration.folder), database: database),
            wholePath(command.arguments.first ?? "")
        )
    }

    private static func tell(
        _ manifest: StoreBackup.Manifest, _ folder: String, _ verb: String,
        _ command: CommandInvocation
    ) {
        let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        StandardOutput.write(
            line: command.has(CommandLineShape.json)
                ? "{\"folder\":\(jsonText(folder)),\"files\":\(manifest.files.count),\"bytes\":\(bytes)}"
                : "\(verb) \(folder): \(counted(manifest.files.count, "file")),"
                    + " \(grouped("\(bytes)")) bytes")
    }
}
