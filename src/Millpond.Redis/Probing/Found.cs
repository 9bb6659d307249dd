using System.Globalization;
using Millpond.Redis.Layout;
using Millpond.Redis.Steps;
using Millpond.Resp;

namespace Millpond.Redis.Probing;

/// <summary>What was found out about an engine.</summary>
/// <param name="Steps">How steps are made whole.</param>
/// <param name="IsSharded">Whether pushes travel on channels of the node that owns them, and not through the whole cluster.</param>
/// <param name="Server">Who answered.</param>
/// <param name="Memory">What it says of its memory; empty if it does not.</param>
internal sealed record Found(IAtomicSteps Steps, bool IsSharded, RespServer Server, IReadOnlyDictionary<string, string> Memory)
{
    private static readonly Version Oldest = new(6, 2);

    private static readonly Version ForgetsScripts = new(7, 0);

    public string Product => string.Create(CultureInfo.InvariantCulture, $"{Server.Product} {Server.Version}{(Server.IsCluster ? " (cluster)" : "")}, by {Steps.Name}");

    public IReadOnlyList<string> ShortfallsFor(RedisSharedTierOptions options)
    {
        List<string> shortfalls = [];
        if (ServerLife.Of(Server) == ServerLife.Unknown)
        {
            shortfalls.Add("it does not say who it is (INFO server and replication), so a restart that brings old values back is not noticed; allow '+info'.");
        }

        if (Server.Product == RespProduct.Redis && Server.Version < Oldest && Server.Version.Major > 0)
        {
            shortfalls.Add($"it is Redis {Server.Version}; 6.2 is the oldest that Millpond is made for.");
        }
        else if (Server.Product == RespProduct.Redis && Server.Version < ForgetsScripts && Server.Version.Major > 0)
        {
            shortfalls.Add("before version 7 it keeps scripts over a restart, so the first step after one may still be made in the former incarnation, and is then made again.");
        }

        if (Server is { IsCluster: true, Product: RespProduct.Garnet })
        {
            shortfalls.Add("it is a cluster of Garnet, on which the contract was never shown to hold.");
        }

        if (Server.IsCluster && options.PartitionCount == 1)
        {
            shortfalls.Add("it is a cluster, and each keyspace has one partition and so lives on one node; say mode=cluster in the configuration, in every process at once.");
        }

        if (Memory.GetValueOrDefault("maxmemory_policy") == "noeviction" && Memory.GetValueOrDefault("maxmemory") is { } limit && limit != "0")
        {
            shortfalls.Add($"it evicts nothing (maxmemory-policy noeviction) and has a limit of {limit} bytes; when they are full, nothing is cached any more. Set allkeys-lfu or volatile-lfu.");
        }

        return shortfalls;
    }
}
