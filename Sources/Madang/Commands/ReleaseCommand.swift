import Foundation
import Host
import Platform
import Storage

/// `madang strategy release`: a server in quarantine is connected again, by the run in hand or the next.
enum ReleaseCommand {
    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let name = command.arguments.first ?? ""
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let file = QuarantineFile(folder: loader.path(configuration.folder))
        let wait = AnswerWait(file.folder)
        guard let entry = try file.markReleased(name) else { throw unknown(name, file) }
        guard let host = FolderLock.holder(of: file.folder) else {
            try file.remove(entry.number)
            tell(
                command, entry, host: nil,
                "no host runs in \(file.folder): the next start connects to it")
            return .good
        }
        let isHeard = try wait.first {
            try file.entries().contains { $0.number == entry.number } ? nil : true
        }
        if isHeard != nil {
            tell(command, entry, host: host, "process \(host) connects to it again")
            return .good
        }
        throw RunError(
            .refused,
            "'\(name)' is released, but process \(host) has not heard it within 5 s: it may hang"
                + "\n  it takes the release as soon as it goes on, or at its next start")
    }

    private static func unknown(_ name: String, _ file: QuarantineFile) -> RunError {
        let names = ((try? file.entries()) ?? []).map { "'\($0.name)'" }
        return RunError(
            .refused,
            "'\(name)' is not in quarantine\n  "
                + (names.isEmpty
                    ? "no strategy server is" : "in quarantine: \(names.joined(separator: ", "))"))
    }

    private static func tell(
        _ command: CommandInvocation, _ entry: QuarantineFile.Entry, host: Int32?, _ words: String
    ) {
        guard command.has(CommandLineShape.json) else {
            return StandardOutput.write(line: "\(entry.name) released: \(words)")
        }
        let process = host.map { "\"process\":\($0)," } ?? ""
        StandardOutput.write(
            line: "{\"released\":\(jsonText(entry.name)),\"number\":\(entry.number),\(process)"
                + "\"heard\":\(host != nil),\"reason\":\(jsonText(entry.quarantine.words))}")
    }
}
