using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond.AspNetCore.Access;

namespace Millpond.AspNetCore.Operating;

/// <summary>Tells how a cache stands. Reads what the process knows already and asks nobody.</summary>
internal sealed class StatusEndpoint(ICache cache, MillpondHealthCheck health, Doorkeeper door)
{
    public async Task AnswerAsync(HttpContext context)
    {
        if (await door.AdmitAsync(context, 0, 0).ConfigureAwait(false) is not null)
        {
            var found = await health.CheckHealthAsync(new HealthCheckContext(), context.RequestAborted).ConfigureAwait(false);
            await Wire.AnswerAsync(context, new StatusAnswer(found.Status.ToString(), found.Description ?? "", cache.Statistics()), Wire.Default.StatusAnswer).ConfigureAwait(false);
        }
    }
}
