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
        var wasOn = false
        let order = try killSwitch.set(reason: wish.reason) { order throws(RunError) in
            wasOn = order.on
            try wish.turn(&order)
        }
        let text = KillAnswerText(
            wish: wish, order: order, isJSON: command.has(CommandLineShape.json))
        guard let host = FolderLock.holder(of: folder) else {
            text.tell(
                nil,
                "no host runs in \(folder): the next start begins"
                    + (wish.on
                        ? " with it; what rests at a broker outside goes on working until then"
                        : " without it\(wish.isOfAll && !wasOn ? "; it was not on" : "")"))
            return .good
        }
        let answer = try wait.first {
            try killSwitch.answer().flatMap { $0.order.number >= order.number ? $0 : nil }
        }
        if let answer {
            guard wish.stands(in: answer.order) else {
                throw RunError(
                    .refused,
                    "another order stands instead of yours (\(answer.order.said)): it is later, or the"
                        + " folder was put back\n  give yours again if it should stand")
            }
            text.tell(answer, nil)
            return wish.isOn(answer) == wish.on ? .good : .refused
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
        var halted: Int?
        var ended: Bool?
        var refusals: [String]?
        var heard: Bool
        var reason: String
    }

    /// - Parameter instead: Where no host answered.
    func tell(_ answer: KillSwitch.Answer?, _ instead: String?) {
        let isOn = wish.isOn(answer)
        guard isJSON else {
            StandardOutput.write(
                line: "kill switch \(isOn ? "on" : "off")\(wish.words):"
                    + " \(instead ?? answer.map(heard) ?? "")")
            for refusal in answer?.did.refusals ?? [] { StandardOutput.write(line: "  \(refusal)") }
            for line in hints { StandardOutput.write(line: "  \(line)") }
            return
        }
        let json = JSON(
            kill: isOn, number: order.number, account: wish.account, strategy: wish.strategy,
            process: answer?.process, withdrawn: answer?.did.withdrawn, sold: answer.map(sold),
            halted: answer.flatMap(halted), ended: answer?.did.ended,
            refusals: answer?.did.refusals, heard: answer != nil,
            reason: wish.reason)
        StandardOutput.write(
            line: (try? JSONEncoder.stable.encode(json)).map { String(decoding: $0, as: UTF8.self) }
                ?? "{}")
    }

    private func heard(_ answer: KillSwitch.Answer) -> String {
        let did = answer.did
        var text = "heard by process \(answer.process)"
        guard wish.on else {
            return did.ended == false && did.refusals.isEmpty
                ? text + "; nothing was stopped, so nothing ends" : text
        }
        text += ", \(did.withdrawn) buy\(did.withdrawn == 1 ? " is" : "s are") being withdrawn"
        guard wish.sells(in: answer.order) else {
            return text + "; what is held may still be sold"
                + (did.holdsExits ?? wish.holdsExits ? ", but not by exits" : "")
        }
        let halted = halted(answer) ?? 0
        return text + "; " + Self.positions(sold(answer)) + " being sold"
            + (halted > 0 ? ", " + Self.positions(halted) + " waiting until the symbol trades" : "")
    }

    private func halted(_ answer: KillSwitch.Answer) -> Int? {
        guard let account = wish.account else { return answer.did.halted }
        return answer.did.haltedOf.map { $0[account] ?? 0 } ?? answer.did.halted
    }

    /// Of the part that the order is about.
    private func sold(_ answer: KillSwitch.Answer) -> Int {
        guard let account = wish.account else { return answer.did.sold }
        return answer.did.soldOf.map { $0[account] ?? 0 } ?? answer.did.sold
    }
    private static func positions(_ count: Int) -> String {
        "\(count) position\(count == 1 ? " is" : "s are")"
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
