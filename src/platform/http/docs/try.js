// Lets who is signed in try a call from the page of the contract. Everything shown is set as text.
'use strict'
{
  const WORDS = JSON.parse(document.body.dataset.words)
  const HINT = 'farol.session'
  const SHOWN_CHARS_MAX = 200_000
  const DEPTH_MAX = 4
  let token = null
  let contract = null
  let serial = 0

  const words = (name, holes = {}) => WORDS[name].replace(/\{(\w+)\}/g, (_, hole) => holes[hole] ?? '')
  const make = (tag, more = {}, ...children) => {
    const { dataset, ...properties } = more
    const element = Object.assign(document.createElement(tag), properties)
    Object.assign(element.dataset, dataset)
    element.append(...children)
    return element
  }
  const preferred = () => {
    try {
      return JSON.parse(localStorage.getItem('farol.preferences') ?? '{}')
    } catch {
      return {}
    }
  }

  // The desk's own choice of language and light comes before the browser's.
  const { language, theme } = preferred()
  if (theme === 'light' || theme === 'dark') document.documentElement.style.colorScheme = theme
  const query = new URLSearchParams(location.search)
  if (typeof language === 'string' && language !== document.documentElement.lang && !query.has('lang')) {
    query.set('lang', language)
    location.replace(`?${query}${location.hash}`)
  }

  /** A fresh access token by the cookie of the session, one tab at a time as the desk does it. */
  async function renew() {
    const ask = async () => {
      const answer = await fetch('/api/v1/auth/refresh', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
      token = answer.ok ? (await answer.json()).token : null
      return token !== null
    }
    return navigator.locks ? navigator.locks.request('farol.refresh', ask) : ask()
  }

  async function greet() {
    const place = document.getElementById('who')
    try {
      if (localStorage.getItem(HINT) !== null && (await renew())) {
        const me = await (await fetch('/api/v1/auth/me', { headers: { authorization: `Bearer ${token}` } })).json()
        place.textContent = words('signedIn', { name: me.name })
        return
      }
    } catch {
      // Unreachable just now; each call says so by itself.
    }
    place.replaceChildren(words('signedOut'), ' ', make('a', { href: '/login', textContent: words('signIn') }))
  }

  const shape = (schema) => {
    const name = schema?.$ref?.split('/').pop()
    return name ? contract.components.schemas[name] : (schema ?? {})
  }

  /** A value that such a schema takes, from its own examples where it has some. */
  function example(schema, depth = 0) {
    const it = shape(schema)
    const given = it.example ?? it.examples?.[0] ?? it.default ?? it.enum?.[0] ?? it.const
    if (given !== undefined) return given
    const several = it.oneOf ?? it.anyOf
    if (several) return example(several.find((one) => one.type !== 'null') ?? {}, depth)
    if (it.allOf) return Object.assign({}, ...it.allOf.map((one) => example(one, depth)))
    const type = Array.isArray(it.type) ? it.type.find((one) => one !== 'null') : it.type
    if (type === 'array') return depth < DEPTH_MAX && it.items ? [example(it.items, depth + 1)] : []
    if (type === 'integer' || type === 'number') return it.minimum ?? 0
    if (type === 'boolean') return false
    if (type === 'string') return it.format === 'uuid' ? '00000000-0000-0000-0000-000000000000' : ''
    if (!it.properties || depth >= DEPTH_MAX) return {}
    const needed = new Set(it.required ?? [])
    const own = Object.entries(it.properties).filter(([name, one]) => needed.has(name) || shape(one).example !== undefined || shape(one).examples)
    return Object.fromEntries(own.map(([name, one]) => [name, example(one, depth + 1)]))
  }

  function control(schema, id) {
    const it = shape(schema)
    const choices = it.enum ?? (it.type === 'boolean' ? [true, false] : null)
    if (!choices) return make('input', { id, type: it.format === 'binary' ? 'file' : 'text', autocomplete: 'off', spellcheck: false })
    const options = ['', ...choices].map((choice) => make('option', { value: String(choice), textContent: String(choice) }))
    return make('select', { id }, ...options)
  }

  /** One labelled field; gives its control. */
  function field(form, name, about, schema, required) {
    const id = `field-${++serial}`
    const label = make('label', { htmlFor: id }, make('code', { textContent: name }), ` ${about}${required ? ` (${words('required')})` : ''}`)
    const own = schema === null ? make('textarea', { id, spellcheck: false }) : control(schema, id)
    own.required = required
    form.append(label, own)
    return own
  }

  function bodyOf(form, operation) {
    const content = operation.requestBody?.content ?? {}
    const [media, { schema, example: whole } = {}] = Object.entries(content)[0] ?? []
    if (!media) return () => ({})
    if (media === 'multipart/form-data') {
      const { properties = {}, required = [] } = shape(schema)
      const parts = Object.entries(properties).map(([name, one]) => [name, field(form, name, '', shape(one), required.includes(name))])
      return () => {
        const body = new FormData()
        for (const [name, own] of parts) {
          if (own.type === 'file') for (const file of own.files) body.append(name, file)
          else if (own.value !== '') body.append(name, own.value)
        }
        return { body }
      }
    }
    const own = field(form, words('body'), media, null, operation.requestBody.required === true)
    const json = media.includes('json')
    if (json) own.value = JSON.stringify(whole ?? example(schema), null, 2)
    return () => {
      if (own.value.trim() === '') return {}
      if (json) JSON.parse(own.value)
      return { body: own.value, headers: { 'content-type': media } }
    }
  }

  const send = (url, call) => fetch(url, { ...call, headers: { ...call.headers, ...(token && { authorization: `Bearer ${token}` }) } })

  async function asked(url, call) {
    const answer = await send(url, call)
    // An access token lives for minutes, a page of documentation for hours.
    return answer.status === 401 && token && (await renew()) ? send(url, call) : answer
  }

  const block = (title, text) => [
    make('h4', { textContent: title }),
    make('pre', { tabIndex: 0, textContent: text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)} …` : text, role: 'region', ariaLabel: title }),
  ]

  async function show(place, answer) {
    const type = answer.headers.get('content-type') ?? ''
    const bytes = await answer.arrayBuffer()
    let text = words('nothing')
    if (bytes.byteLength > 0 && !/json|text|xml|csv|javascript/.test(type)) text = words('bytes', { count: bytes.byteLength })
    else if (bytes.byteLength > 0) text = new TextDecoder().decode(bytes)
    try {
      if (type.includes('json')) text = JSON.stringify(JSON.parse(text), null, 2)
    } catch {
      // Shown as it came.
    }
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    place.replaceChildren(...block(words('headers'), headers), ...block(words('body'), text))
  }

  function build(place, method, path) {
    const operation = contract.paths[path][method]
    const form = make('form', { noValidate: true, dataset: { of: `${method} ${path}` } }, make('h3', { textContent: words('try') }))
    const parameters = (operation.parameters ?? []).filter((one) => one.in !== 'cookie')
    const fields = parameters.map((one) => [one, field(form, one.name, one.in, one.schema, one.required === true)])
    const body = bodyOf(form, operation)
    const button = make('button', { type: 'submit', textContent: words('send') })
    const status = make('p', { role: 'status' })
    const answered = make('div')
    form.append(button, status, answered)
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      answered.replaceChildren()
      const empty = fields.find(([one, own]) => one.required && own.value.trim() === '')
      if (empty) {
        status.textContent = words('missing', { name: empty[0].name })
        empty[1].focus()
        return
      }
      let call
      try {
        call = { method: method.toUpperCase(), ...body() }
      } catch (error) {
        status.textContent = words('badJson', { reason: error.message })
        return
      }
      const search = new URLSearchParams()
      let address = path
      for (const [one, own] of fields.filter(([, own]) => own.value.trim() !== '')) {
        const value = own.value.trim()
        if (one.in === 'path') address = address.replace(`{${one.name}}`, encodeURIComponent(value))
        else if (one.in === 'query') search.append(one.name, value)
        else call.headers = { ...call.headers, [one.name]: value }
      }
      button.disabled = true
      status.textContent = words('asking')
      try {
        const answer = await asked(search.size > 0 ? `${address}?${search}` : address, call)
        await show(answered, answer)
        status.textContent = words('answered', { status: `${answer.status} ${answer.statusText}`.trim() })
      } catch {
        status.textContent = words('unreachable')
      } finally {
        button.disabled = false
      }
    })
    place.append(form)
  }

  // `toggle` does not bubble; it is caught on its way down.
  document.addEventListener('toggle', async ({ target }) => {
    const { method, path } = target.dataset ?? {}
    if (!target.open || !method || target.querySelector('form')) return
    target.dataset.method = ''
    try {
      contract ??= await (await fetch('/api/v1/openapi.json')).json()
      build(target.lastElementChild, method, path)
    } catch {
      target.dataset.method = method
    }
  }, true)

  void greet()
}
