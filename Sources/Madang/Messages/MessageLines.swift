import HTTPTransport
import Notifications
import Platform
import Ports

/// Makes the channels of a configuration.
struct MessageLines {
    let lines: [NotificationService.Line]
    /// Closed when nothing is sent any more.
    let client: HTTPClient

    /// - Parameter console: Takes whole lines.
    init(
        _ settings: [ChannelSetting],
        console: @escaping @Sendable (_ channel: String, String) -> Void
    ) {
        let client = HTTPClient()
        self.client = client
        lines = zip(settings, Self.lanes(of: settings)).map { setting, lane in
            let name = setting.name
            let channel: any MessageChannel =
                switch setting.place {
                case .telegram(let token, let chat, let url):
                    TelegramChannel(client, token: token, chat: Secret(chat), base: url)
                case .discord(let webhook): DiscordChannel(client, webhook: webhook)
                case .console: ConsoleChannel { console(name, $0) }
                }
            return NotificationService.Line(
                name: name, channel: channel, lane: lane, language: setting.language,
                origin: Self.origin(of: setting), from: setting.from)
        }
    }

    /// A chat may move; nothing else does.
    static func origin(of setting: ChannelSetting) -> UInt64 {
        guard case .telegram(_, let chat, _) = setting.place else { return 0 }
        return OutboxDestination.origin(of: chat)
    }

    /// Channels of one bot share its pace.
    static func lanes(of settings: [ChannelSetting]) -> [Int] {
        var lanes: [Int] = []
        for (index, setting) in settings.enumerated() {
            let same = settings[..<index].firstIndex { isSameBot($0, setting) }
            lanes.append(same.map { lanes[$0] } ?? (lanes.max() ?? -1) + 1)
        }
        return lanes
    }

    private static func isSameBot(_ a: ChannelSetting, _ b: ChannelSetting) -> Bool {
        guard case .telegram(let mine, _, let here) = a.place,
            case .telegram(let other, _, let there) = b.place
        else { return false }
        return here == there && mine.withText { text in other.withText { $0 == text } }
    }
}
