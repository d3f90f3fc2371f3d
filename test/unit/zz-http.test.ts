import { test } from "vitest";
import { testApp } from "../generators/http.js";
test("x", async () => {
  const app = await testApp();
    const r = await app.server.inject({ method: "GET", url: "/openapi.json" }); 
  const d = r.json(); 
  for (const [k,v] of Object.entries(d.components.schemas)) console.log(k, JSON.stringify(v).length, JSON.stringify(v).slice(0,300));
  console.log([...r.body.matchAll(/"\$ref":"([^"]*)"/g)].map(x=>x[1]).reduce((a,x)=>({...a,[x]:(a[x]??0)+1}),{}));
  console.log(JSON.stringify(d.paths["/policies/{sha256}"],null,1).slice(0,3000));
});
