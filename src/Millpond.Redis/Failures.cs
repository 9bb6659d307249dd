using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis;

/// <summary>Says in the words of the contract what went wrong.</summary>
internal static class Failures
{
    public static SharedTierException Of(string operation, PartitionId? partition, RespException failure) => new(
        $"{operation}{(partition is { } id ? $" in {id}" : "")}: {failure.Message}{AdviceFor(failure)}", failure);

    private static string AdviceFor(RespException failure) => failure is not RespServerException refusal ? "" : refusal.Kind switch
    {
        "OOM" => " The engine's memory is full and it evicts nothing: raise maxmemory, or set maxmemory-policy to allkeys-lfu.",
        "NOPERM" => " The login lacks a permission; docs/redis.md lists those that are needed.",
        "WRONGTYPE" => " Another program keeps something else under this name: use a Prefix of your own.",
        _ => "",
    };
}
