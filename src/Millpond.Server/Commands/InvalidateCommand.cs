using System.CommandLine;
using Millpond.AspNetCore;
using Millpond.AspNetCore.Purging;
using Millpond.Server.Printing;

namespace Millpond.Server.Commands;

/// <summary><c>millpond invalidate KEYSPACE --key K... --tag T... --all</c>.</summary>
internal static class InvalidateCommand
{
    public static Command Make(Asking asking)
    {
        var keyspace = new Argument<string>("KEYSPACE") { Description = "The keyspace's name." };
        var keys = new Option<string[]>("--key") { Description = "Keys, as the keyspace writes them: numbers as digits; in strings :, %, {, }, # and the space as %XX; the parts of a record divided by colons.", HelpName = "KEY", AllowMultipleArgumentsPerToken = true };
        var tags = new Option<string[]>("--tag") { Description = "Tags.", HelpName = "TAG", AllowMultipleArgumentsPerToken = true };
        var tenant = new Option<string?>("--tenant") { Description = "Whose keys and tags they are, in a keyspace with tenants.", HelpName = "TENANT" };
        var all = new Option<bool>("--all") { Description = "All of the keyspace, or of the tenant's part of it." };
        var command = new Command("invalidate", "Says that keys, tags or all of a keyspace are stale as of now, and returns when every process has been told.") { keyspace, keys, tags, tenant, all };
        command.Validators.Add(line =>
        {
            if (!Asking.IsGiven(line, keys) && !Asking.IsGiven(line, tags) && !Asking.IsGiven(line, all))
            {
                line.AddError("Name what is stale: --key, --tag or --all.");
            }
        });
        asking.Does(
            command,
            (line, program, stop) => program.PostAsync(
                "invalidate",
                new PurgeAsk { Keyspace = line.GetRequiredValue(keyspace), Tenant = line.GetValue(tenant), Keys = line.GetValue(keys) ?? [], Tags = line.GetValue(tags) ?? [], All = line.GetValue(all) },
                Wire.Default.PurgeAsk,
                stop),
            Wire.Default.PurgeResult,
            (done, line, print) =>
            {
                print.WriteLine($"{line.GetRequiredValue(keyspace)}: {Words.Count(done.Keys, "key")} and {Words.Count(done.Tags, "tag")}{(done.All ? " and all the rest" : "")} invalidated; every process has been told.");
                return ExitCode.Done;
            });
        return command;
    }
}
