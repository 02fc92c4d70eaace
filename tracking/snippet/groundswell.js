// Groundswell for a brand's own site: keeps the click id that a creator's link brought, and reports sign-ups and answers.
// First-party only: it sets one cookie on this site's own domain, reads none of anybody else, and loads nothing.
(function () {
  "use strict";
  var tag = document.currentScript;
  var key = tag && tag.getAttribute("data-key");
  if (!key) return;
  var base = new URL(tag.src).origin + "/collect/" + encodeURIComponent(key) + "/";
  var NAME = "icid", DAYS = 30, ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
  var refuses = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  var agreed = tag.getAttribute("data-consent") !== "wait" && !refuses;
  var arrived = new URLSearchParams(location.search).get(NAME) || "";
  if (!ULID.test(arrived)) arrived = "";

  function kept() {
    var found = document.cookie.match(/(?:^|; )icid=([0-9A-HJKMNP-TV-Z]{26})(?:;|$)/);
    return found ? found[1] : "";
  }

  function clickId() {
    return arrived || (agreed ? kept() : "");
  }

  function keep() {
    if (!agreed || !arrived) return;
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = NAME + "=" + arrived + "; Max-Age=" + DAYS * 86400 + "; Path=/; SameSite=Lax" + secure;
  }

  function forget() {
    document.cookie = NAME + "=; Max-Age=0; Path=/; SameSite=Lax";
  }

  // The order must carry the click id: Shopify by a cart attribute, forms by a field, Stripe's links by their reference.
  function carry() {
    var id = clickId();
    if (!id || !agreed) return;
    if (window.Shopify) {
      fetch("/cart/update.js", {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({attributes: {icid: id}})
      }).catch(function () {});
    }
    document.querySelectorAll('input[name="icid"]').forEach(function (field) { field.value = id; });
    document.querySelectorAll('a[href^="https://buy.stripe.com/"]').forEach(function (link) {
      var address = new URL(link.href);
      if (!address.searchParams.has("client_reference_id")) address.searchParams.set("client_reference_id", id);
      link.href = address.href;
    });
  }

  function post(path, facts) {
    return fetch(base + path, {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      keepalive: true,
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify(facts)
    }).then(function (answer) { return answer.ok; }, function () { return false; });
  }

  function unique() {
    return "js-" + Date.now().toString(36) + "-" + Math.random().toString(36).slice(2, 12);
  }

  function lead(facts) {
    facts = facts || {};
    var body = {external_id: String(facts.id || unique()), kind: facts.kind || "signup", click_id: clickId()};
    if (facts.email) body.email = facts.email;
    if (facts.code) body.code = facts.code;
    return post("leads/", body);
  }

  function survey(order, answer) {
    return post("answers/", {order: String(order), answer: String(answer)});
  }

  function consent(yes) {
    agreed = yes === true;
    if (agreed) { keep(); carry(); } else { forget(); }
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var kind = form.getAttribute && form.getAttribute("data-groundswell-lead");
    if (kind === null || kind === undefined) return;
    var email = form.querySelector('input[type="email"]');
    lead({kind: kind || "signup", email: email ? email.value : ""});
  });
  keep();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", carry); else carry();
  window.groundswell = {clickId: clickId, consent: consent, lead: lead, survey: survey};
})();
