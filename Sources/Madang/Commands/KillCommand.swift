import Foundation
import Glibc
import Host
import Platform
import Storage

/// `madang kill`: from now on nothing opens or adds exposure, whatever strategies say.
enum KillCommand {
    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let wish = try KillWish(command)
        let (folder, configuration) = try place(command)
        if let configuration { try wish.check(against: configuration) }
        let killSwitch = KillSwitch(folder: folder)
        guard RunFolder.makeFolder(folder) else { throw RunError.noFolder(folder) }
        try wish.confirm()
        let wait = AnswerWait(folder)
        let order = try killSwitch.set(reason: wish.reason) { order throws(RunError) in
            try wish.turn(&order)
        }
        let text = KillAnswerText(
            wish: wish, order: order, isJSON: command.has(CommandLineShape.json))
        guard let host = FolderLock.holder(of: folder) else {
            text.tell(
                nil,
                "no host runs in \(folder): the next start begins"
                    + " \(wish.on ? "with" : "without") it")
            return .good
        }
        let answer = try wait.first {
            try killSwitch.answer().flatMap { $0.order.number >= order.number ? $0 : nil }
        }
        if let answer {
            guard wish.stands(in: answer.order) else {
                throw RunError(
                    .refused,
                    "a later order turned the switch \(wish.on ? "off" : "on"):"
                        + " \(answer.order.said)\n  give yours again if it should stand")
            }
            text.tell(answer, nil)
            return .good
        }
        throw RunError(
            .refused,
            "the switch is set, but process \(host) has not answered within 5 s: it may wait for a"
                + " strategy server, or hang\n  it takes the order as soon as it goes on;"
                + " to be sure now, end it: kill -9 \(host)")
    }

    /// A configuration that is wrong must not keep anybody from stopping.
    private static func place(
        _ command: CommandInvocation
    ) throws -> (folder: String, HostConfiguration?) {
        do {
            let (_, loader, configuration) = try ConfigCommand.load(command)
            return (loader.path(configuration.folder), configuration)
        } catch let error as ConfigurationError {
            let file = command.value(of: CommandLineShape.config) ?? "madang.yaml"
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path + "/.madang"
            guard FileManager.default.fileExists(atPath: folder) else { throw error }
            FileHandle.standardError.write(
                Data("\(file) cannot be read as it is; the folder \(folder) is taken\n".utf8))
            return (folder, nil)
        }
    }
}

/// What a host answered, in words or as JSON.
private struct KillAnswerText {
    let wish: KillWish
    let order: KillOrder
    let isJSON: Bool

    private struct JSON: Encodable {
        var kill: Bool
        var number: Int
        var account: String?
        var strategy: String?
        var process: Int32?
        var withdrawn: Int?
        var sold: Int?
        var refusals: [String]?
        var heard: Bool
        var reason: String
    }

    /// - Parameter instead: Where no host answered.
    func tell(_ answer: KillSwitch.Answer?, _ instead: String?) {
        guard isJSON else {
            StandardOutput.write(
                line: "kill switch \(wish.on ? "on" : "off")\(wish.words):"
                    + " \(instead ?? answer.map(heard) ?? "")")
            for refusal in answer?.did.refusals ?? [] { StandardOutput.write(line: "  \(refusal)") }
            for line in hints { StandardOutput.write(line: "  \(line)") }
            return
        }
        let json = JSON(
            kill: wish.on, number: order.number, account: wish.account, strategy: wish.strategy,
            process: answer?.process, withdrawn: answer?.did.withdrawn, sold: answer?.did.sold,
            refusals: answer?.did.refusals, heard: answer != nil, reason: wish.reason)
        StandardOutput.write(
            line: (try? JSONEncoder.stable.encode(json)).map { String(decoding: $0, as: UTF8.self) }
                ?? "{}")
    }

    private func heard(_ answer: KillSwitch.Answer) -> String {
        let did = answer.did
        var text = "heard by process \(answer.process)"
        guard wish.on else { return text }
        text += ", \(did.withdrawn) buy\(did.withdrawn == 1 ? " is" : "s are") being withdrawn"
        if wish.flattens {
            return text + "; \(did.sold) position\(did.sold == 1 ? " is" : "s are") being sold"
        }
        return text + "; what is held may still be sold"
            + (wish.holdsExits ? ", but not by exits" : "")
    }

    private var hints: [String] {
        if wish.on {
            let part =
                wish.account.map { " --account \($0)" } ?? wish.strategy.map { " --strategy \($0)" }
                ?? ""
            return ["madang kill --off\(part) ends it"]
        }
        guard order.isAnyOn else { return [] }
        return (order.on ? ["still on for all: \(order.reason)"] : [])
            + order.accounts.sorted { $0.key < $1.key }.map {
                "still on for account \($0.key): \($0.value.reason)"
            }
            + order.strategies.sorted { $0.key < $1.key }.map {
                "still on for strategy \($0.key): \($0.value.reason)"
            }
    }
}
