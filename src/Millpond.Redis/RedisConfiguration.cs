using Millpond.Resp;

namespace Millpond.Redis;

/// <summary>Reads a configuration string as a cache wants it.</summary>
internal static class RedisConfiguration
{
    // A cache that takes longer than this to answer is no help; the source is asked then.
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(1);

    public static RedisSharedTierOptions Parse(string configuration)
    {
        var connection = RespOptions.Parse(configuration);
        var options = new RedisSharedTierOptions { Connection = connection };
        return options with
        {
            Connection = connection with
            {
                CommandTimeout = Says(configuration, "timeout") ? connection.CommandTimeout : CallMax,
                KeepAlive = Says(configuration, "keepAlive") ? connection.KeepAlive : options.HeartbeatPeriod,
            },
        };
    }

    private static bool Says(string configuration, string name) =>
        configuration.Split([',', '?', '&'], StringSplitOptions.TrimEntries).Any(part =>
            part.Split('=')[0] is var said && said.EndsWith(name, StringComparison.OrdinalIgnoreCase) && !said.StartsWith("connect", StringComparison.OrdinalIgnoreCase));
}
