using Millpond.Resp;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Conformance;

/// <summary>An engine as a conformance run wants it: where it is, and what can be done to it.</summary>
public interface IDeployment : IAsyncDisposable
{
    /// <summary>What the tier is told.</summary>
    RedisSharedTierOptions Options { get; }

    /// <summary>Says something to the engine with all rights, at the node of a key where there is one.</summary>
    Task<RespValue> TellAsync(RespCommand command);

    /// <summary>Ends the life of the engine and begins another one.</summary>
    Task RestartAsync(RestartKind kind);
}
