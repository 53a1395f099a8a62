import Brokers
import Foundation
import Glibc
import PaperExchange
import Platform
import Ports
import TradingModel

/// `madang-sim`: a simulated broker that misbehaves on demand.
@main
struct Main {
    static func main() {
        let ended = Doorbell()
        Signals.listen { if $0 != .kill { ended.ring() } }
        do {
            let command = try SimulatorOptions.command.parse(
                Array(CommandLine.arguments.dropFirst()))
            if let help = command.help {
                StandardOutput.write(line: help)
                StandardOutput.flush()
                return
            }
            let options = try SimulatorOptions(command)
            let control = options.control ?? randomWord()
            let service = try SimulatorService(
                options.settings, ports: options.ports, control: control)
            StandardOutput.write(line: Self.line(service, options.settings))
            StandardOutput.flush()
            if let pace = options.pace { service.walk(every: pace) }
            if command.has(SimulatorOptions.untilEOF) {
                HostThread.start(named: "standard input") {
                    while !FileHandle.standardInput.availableData.isEmpty {}
                    ended.ring()
                }
            }
            _ = ended.wait()
            service.close()
        } catch let error as UsageError {
            fail("\(error)", .usage)
        } catch let error as OptionError {
            fail("\(error)", .usage)
        } catch {
            fail("\(error)", .refused)
        }
    }

    /// What a program needs to come in: one line of JSON.
    private static func line(_ service: SimulatorService, _ settings: SimulatedVenue.Settings)
        -> String
    {
        let words = [
            "http": "http://127.0.0.1:\(service.httpPort)",
            "stream": "ws://127.0.0.1:\(service.streamPort)/v1/stream",
            "key": settings.key, "secret": settings.secret, "control": service.control,
        ]
        return String(decoding: SimulatorWire.bytes(words), as: UTF8.self)
    }

    private static func randomWord() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(random.next() as UInt64, radix: 36) }.joined()
    }

    private static func fail(_ text: String, _ code: ExitCode) -> Never {
        FileHandle.standardError.write(Data("madang-sim: \(printable(text))\n".utf8))
        exit(code.rawValue)
    }
}
