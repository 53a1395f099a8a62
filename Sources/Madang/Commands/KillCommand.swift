import Foundation
import Glibc
import Host
import Platform
import Storage

/// `madang kill`: from now on nothing opens or adds exposure, whatever strategies say.
enum KillCommand {
    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let on = !command.has(CommandLineShape.off)
        let killSwitch = KillSwitch(folder: try folder(command))
        guard RunFolder.makeFolder(killSwitch.folder) else {
            throw RunError.noFolder(killSwitch.folder)
        }
        let wait = AnswerWait(killSwitch.folder)
        let reason = command.value(of: CommandLineShape.reason) ?? "by command"
        let order = try killSwitch.set(on, reason: reason)
        guard let host = FolderLock.holder(of: killSwitch.folder) else {
            tell(
                command, order, nil,
                "no host runs in \(killSwitch.folder): the next start begins \(on ? "with" : "without") it"
            )
            return .good
        }
        let answer = try wait.first {
            try killSwitch.answer().flatMap { $0.order.number >= order.number ? $0 : nil }
        }
        if let answer {
            guard answer.order.on == on else {
                throw RunError(
                    .refused,
                    "a later order turned the switch \(answer.order.on ? "on" : "off"):"
                        + " \(answer.order.reason)\n  give yours again if it should stand")
            }
            tell(command, order, answer, words(answer))
            return .good
        }
        throw RunError(
            .refused,
            "the switch is set, but process \(host) has not answered within 5 s: it may wait for a"
                + " strategy server, or hang\n  it takes the order as soon as it goes on;"
                + " to be sure now, end it: kill -9 \(host)")
    }

    /// A configuration that is wrong must not keep anybody from stopping.
    private static func folder(_ command: CommandInvocation) throws -> String {
        do {
            let (_, loader, configuration) = try ConfigCommand.load(command)
            return loader.path(configuration.folder)
        } catch let error as ConfigurationError {
            let file = command.value(of: CommandLineShape.config) ?? "madang.yaml"
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path + "/.madang"
            guard FileManager.default.fileExists(atPath: folder) else { throw error }
            FileHandle.standardError.write(
                Data("\(file) cannot be read as it is; the folder \(folder) is taken\n".utf8))
            return folder
        }
    }

    private static func words(_ answer: KillSwitch.Answer) -> String {
        let orders = "\(answer.withdrawn) buy\(answer.withdrawn == 1 ? "" : "s")"
        return "heard by process \(answer.process)"
            + (answer.order.on ? ", \(orders) withdrawn; what is held may still be sold" : "")
    }

    private static func tell(
        _ command: CommandInvocation, _ order: KillOrder, _ answer: KillSwitch.Answer?,
        _ words: String
    ) {
        if command.has(CommandLineShape.json) {
            let host =
                answer.map { "\"process\":\($0.process),\"withdrawn\":\($0.withdrawn)," } ?? ""
            StandardOutput.write(
                line: "{\"kill\":\(order.on),\"number\":\(order.number),\(host)"
                    + "\"heard\":\(answer != nil),\"reason\":\(jsonText(order.reason))}")
        } else {
            StandardOutput.write(line: "kill switch \(order.on ? "on" : "off"): \(words)")
            if order.on { StandardOutput.write(line: "  madang kill --off ends it") }
        }
    }
}
